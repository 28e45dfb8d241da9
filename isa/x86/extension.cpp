#include "isa/x86/extension.hpp"

#include <capstone/capstone.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace trapline::isa::x86 {

std::string extension(std::span<const std::byte> bytes) {
  // What every x86-64 processor has, and what is about an encoding alone.
  constexpr std::array<std::string_view, 11> kOthers{
      "cmov", "fpu", "mmx", "sse1", "sse2", "mode32", "mode64", "16bitmode", "not64bitmode", "novlx", "vlx"};
  csh handle = 0;
  if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK) return {};
  cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
  cs_insn* insn = nullptr;
  const auto* const code = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::string name;
  if (cs_disasm(handle, code, bytes.size(), 0, 1, &insn) == 1) {
    for (std::uint8_t i = 0; i < insn->detail->groups_count && name.empty(); ++i) {
      if (insn->detail->groups[i] < X86_GRP_VM) continue;  // of any instruction set: jumps, calls
      const char* const group = cs_group_name(handle, insn->detail->groups[i]);
      if (group != nullptr && std::ranges::find(kOthers, std::string_view(group)) == kOthers.end())
        name = group;
    }
    cs_free(insn, 1);
  }
  cs_close(&handle);
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

}  // namespace trapline::isa::x86
