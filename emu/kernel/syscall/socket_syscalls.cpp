// Calls on sockets, of which there are none: what they say of files that are no sockets.
#include "emu/kernel/syscall/file_calls.hpp"

namespace trapline::kernel {

namespace {

// No address family is there, so none can be asked for (socket(2)).
SyscallResult no_family(Syscall& /*call*/) { return Error{EAFNOSUPPORT}; }

// sockfd_lookup()
SyscallResult not_a_socket(Syscall& call) {
  const auto file = file_argument(call, 0);
  return file ? Error{ENOTSOCK} : file.error();
}

using Call = isa::linux_abi::Syscall;

}  // namespace

std::span<const SyscallEntry> socket_syscalls() {
  static constexpr SyscallEntry kCalls[] = {
      {Call::sys_socket, no_family},         {Call::sys_socketpair, no_family},
      {Call::sys_send, not_a_socket},        {Call::sys_recv, not_a_socket},
      {Call::sys_bind, not_a_socket},        {Call::sys_listen, not_a_socket},
      {Call::sys_accept, not_a_socket},      {Call::sys_accept4, not_a_socket},
      {Call::sys_connect, not_a_socket},     {Call::sys_getsockname, not_a_socket},
      {Call::sys_getpeername, not_a_socket}, {Call::sys_sendto, not_a_socket},
      {Call::sys_recvfrom, not_a_socket},    {Call::sys_setsockopt, not_a_socket},
      {Call::sys_getsockopt, not_a_socket},  {Call::sys_shutdown, not_a_socket},
      {Call::sys_sendmsg, not_a_socket},     {Call::sys_recvmsg, not_a_socket},
      {Call::sys_sendmmsg, not_a_socket},    {Call::sys_recvmmsg, not_a_socket},
  };
  return kCalls;
}

}  // namespace trapline::kernel
