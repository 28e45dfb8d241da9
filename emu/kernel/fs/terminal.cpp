#include "emu/kernel/fs/terminal.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

// struct termios of asm/termbits.h: where its parts lie, the bits of ICRNL|IXON, OPOST|ONLCR,
// B38400|CS8|CREAD and ISIG|ICANON|ECHO|ECHOE|ECHOK|ECHOCTL|ECHOKE|IEXTEN, and the indices into c_cc. As gcc
// gives them for each.
struct Termios {
  std::size_t size;
  std::array<std::uint32_t, 4> flags;  // c_iflag, c_oflag, c_cflag, c_lflag, from offset 0
  std::size_t c_cc;
  std::size_t speeds;  // c_ispeed and c_ospeed, as B38400; 0: there are none
  struct {
    std::uint8_t v_intr, v_quit, v_erase, v_kill, v_eof, v_min, v_start, v_stop, v_susp, v_reprint, v_discard,
        v_werase, v_lnext;
  } at;
};

constexpr std::uint32_t kB38400 = 15;

constexpr Termios termios_of(isa::Isa isa) {
  switch (isa) {
    case isa::Isa::X86_64:
      return {36, {0x500, 5, 0xbf, 0x8a3b}, 17, 0, {0, 1, 2, 3, 4, 6, 8, 9, 10, 12, 13, 14, 15}};
    case isa::Isa::Ppc64:
      return {44, {0x300, 3, 0xb0f, 0x5cf}, 16, 36, {0, 1, 2, 3, 4, 5, 13, 14, 12, 11, 16, 10, 15}};
  }
  return {};
}

std::vector<std::byte> termios_bytes(isa::Isa isa) {
  const Termios layout = termios_of(isa);
  std::vector<std::byte> bytes(layout.size);
  const auto put = [&](std::size_t offset, std::uint32_t value) {
    isa::store_word(std::span(bytes).subspan(offset, 4), value, isa::byte_order(isa));
  };
  for (std::size_t i = 0; i < layout.flags.size(); ++i) put(4 * i, layout.flags[i]);
  const auto control = [](char letter) { return static_cast<std::byte>(letter & 0x1f); };
  const auto& at = layout.at;
  const std::pair<std::uint8_t, std::byte> characters[] = {
      {at.v_intr, control('C')},    {at.v_quit, control('\\')},   {at.v_erase, std::byte{0x7f}},
      {at.v_kill, control('U')},    {at.v_eof, control('D')},     {at.v_min, std::byte{1}},
      {at.v_start, control('Q')},   {at.v_stop, control('S')},    {at.v_susp, control('Z')},
      {at.v_reprint, control('R')}, {at.v_discard, control('O')}, {at.v_werase, control('W')},
      {at.v_lnext, control('V')},
  };
  for (const auto& [index, character] : characters) bytes[layout.c_cc + index] = character;
  if (layout.speeds != 0) {
    put(layout.speeds, kB38400);
    put(layout.speeds + 4, kB38400);
  }
  return bytes;
}

// struct winsize of asm/termios.h: rows, columns, and two unused, 16 bits each.
std::vector<std::byte> winsize_bytes(isa::Isa isa) {
  constexpr std::uint16_t kRows = 24, kColumns = 80;
  std::vector<std::byte> bytes(8);
  isa::store_word(std::span(bytes).first(2), kRows, isa::byte_order(isa));
  isa::store_word(std::span(bytes).subspan(2, 2), kColumns, isa::byte_order(isa));
  return bytes;
}

}  // namespace

SyscallResult terminal_ioctl(Syscall& call) {
  const auto codes = isa::linux_abi::differing(call.isa());
  const std::uint64_t command = call.args[1] & 0xffffffff;
  if (command != codes.tcgets && command != codes.tiocgwinsz) return Error{ENOTTY};
  const auto bytes = command == codes.tcgets ? termios_bytes(call.isa()) : winsize_bytes(call.isa());
  if (!call.mm().write(call.address(2), bytes)) return Error{EFAULT};
  return std::uint64_t{0};
}

}  // namespace trapline::kernel
