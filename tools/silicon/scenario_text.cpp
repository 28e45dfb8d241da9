#include "tools/silicon/scenario_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <span>
#include <vector>

#include "debugunit/x86/debug_registers.hpp"
#include "isa/x86/registers.hpp"

namespace trapline::tools::silicon {

namespace {

namespace dr7 = debugunit::x86::dr7;

constexpr std::string_view kIndent = "\n    ";

std::string bytes(std::span<const std::byte> data) {
  std::vector<std::string> words;
  for (const std::byte byte : data) words.push_back(fmt::format("{:#04x}", std::to_integer<unsigned>(byte)));
  return fmt::format(".byte {}", fmt::join(words, ", "));
}

// The data's pattern with what the case has planted in it, by the runs between.
std::string window_text(const Case& test) {
  std::map<std::uint64_t, std::byte> planted;
  for (const Planted& item : test.planted) {
    for (unsigned i = 0; i < item.size; ++i)
      planted[item.address + i - test.window] = static_cast<std::byte>(item.value >> (8 * i));
  }
  std::string text;
  std::uint64_t at = 0;
  const auto run_to = [&](std::uint64_t end) {
    if (end == at) return;
    for (const std::string& line :
         {fmt::format(".set i, {}", at), fmt::format(".rept {}", end - at),
          std::string("  .byte (i * 37 + 11) & 255"), std::string("  .set i, i + 1"), std::string(".endr")})
      text += fmt::format("{}{}", kIndent, line);
    at = end;
  };
  for (const auto& [offset, byte] : planted) {
    run_to(offset);
    text += fmt::format("{}{}", kIndent, bytes(std::span(&byte, 1)));
    ++at;
  }
  run_to(kWindowSize);
  return text;
}

std::string start_text(const Case& test) {
  constexpr unsigned kArchPrctl = 158;
  constexpr unsigned kArchSetGs = 0x1001;
  constexpr unsigned kArchSetFs = 0x1002;
  std::string text;
  const auto line = [&text](std::string_view what) { text += fmt::format("{}{}", kIndent, what); };
  for (const auto& [code, base] :
       {std::pair{kArchSetFs, test.fs_base}, std::pair{kArchSetGs, test.gs_base}}) {
    if (base == 0) continue;
    line(fmt::format("mov eax, {}  # arch_prctl", kArchPrctl));
    line(fmt::format("mov edi, {:#x}", code));
    line(fmt::format("mov esi, {:#x}", base));
    line("syscall");
  }
  line(fmt::format("push {:#x}", test.rflags));
  line("popfq");
  for (std::size_t i = 0; i < kGprs; ++i)
    line(fmt::format("movabs {}, {:#x}", isa::x86::kRegNames[i], test.gpr[i]));
  line("jmp form");
  return text;
}

std::string event_text(const Case& test, unsigned n) {
  const dr7::Rw rw = dr7::rw_of(test.dr7, n);
  const std::string_view type = rw == dr7::Rw::Execute ? "x" : rw == dr7::Rw::Write ? "w" : "rw";
  const unsigned length = rw == dr7::Rw::Execute ? 8 : dr7::bytes(dr7::len_of(test.dr7, n));
  return fmt::format("  dr{}: {{watch: {:#x}, type: {}, length: {}}}\n", n, test.dr[n], type, length);
}

}  // namespace

std::string scenario_text(std::uint64_t seed, const Case& test, const Outcome& expected,
                          const std::string& about) {
  const Form& form = *test.form;
  const Place place = silicon::place(form);
  const std::vector<std::byte> image = code_image();
  const auto code = [&image](std::uint64_t from, std::uint64_t to) {
    return std::span(image).subspan(from - kCode, to - from);
  };
  std::string text = fmt::format("scenario: \"{}, case {} of seed {}\"\nabout: \"{}\"\nisa: x86-64\n",
                                 form.name, test.number, seed, about);
  text += "program:\n  flags:\n";
  for (const auto& [section, address] :
       {std::pair{".form", place.start}, std::pair{".scratch", kScratch}, std::pair{".window", test.window}})
    text += fmt::format("    - -Wl,--section-start={}={:#x}\n", section, address);
  text += "  assembly: |\n    .intel_syntax noprefix\n    .globl _start\n    _start:";
  text += start_text(test);
  text += fmt::format("{0}.section .form, \"ax\"{0}form:", kIndent);
  if (place.instruction != place.start)
    text += fmt::format("{}{}", kIndent, bytes(code(place.start, place.instruction)));
  text += fmt::format("{0}{1}  # {2}{0}{3}", kIndent, bytes(code(place.instruction, place.next)), form.name,
                      bytes(code(place.next, place.end)));
  text += fmt::format("{0}mov eax, 60  # exit{0}xor edi, edi{0}syscall", kIndent);
  text += fmt::format("{0}.section .scratch, \"aw\"{0}{1}{0}.fill 256", kIndent, bytes(test.inputs));
  text += fmt::format("{}.section .window, \"aw\"{}\n", kIndent, window_text(test));

  std::string events;
  std::string counts;
  for (unsigned n = 0; n < kBreakpoints; ++n) {
    if (!dr7::enabled(test.dr7, n)) continue;
    events += event_text(test, n);
    const auto hits =
        std::ranges::count_if(expected.stops, [n](const Stop& stop) { return (stop.slots >> n & 1) != 0; });
    counts += fmt::format("    dr{}: {{count: {}}}\n", n, hits);
  }
  if (!events.empty()) text += fmt::format("events:\n{}", events);
  text += "expect:\n  exit: 0\n";
  if (!events.empty()) text += fmt::format("  events:\n{}", counts);
  return text;
}

}  // namespace trapline::tools::silicon
