# Run by CPack, before it packs: sets CPACK_DEBIAN_PACKAGE_DEPENDS to the packages whose libraries the programs in
# CPACK_TRAPLINE_PROGRAMS load. CPACK_DEBIAN_PACKAGE_SHLIBDEPS does the same, but looks at each file of the package for that,
# which takes minutes with as many as there are scenarios.
set(work ${CPACK_PACKAGE_DIRECTORY}/depends)
file(WRITE ${work}/debian/control "Source: trapline\nPackage: trapline\nArchitecture: any\n")
# Nothing is known of a library that is in the package itself.
execute_process(COMMAND dpkg-shlibdeps -O --ignore-missing-info ${CPACK_TRAPLINE_PROGRAMS}
                WORKING_DIRECTORY ${work} OUTPUT_VARIABLE depends ERROR_VARIABLE errors RESULT_VARIABLE status)
if(NOT status EQUAL 0 OR NOT depends MATCHES "shlibs:Depends=([^\n]+)")
  message(FATAL_ERROR "dpkg-shlibdeps (of the package dpkg-dev) does not say what the package depends on: ${status} ${errors}")
endif()
set(CPACK_DEBIAN_PACKAGE_DEPENDS ${CMAKE_MATCH_1})
file(REMOVE_RECURSE ${work})
