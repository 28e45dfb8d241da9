#include "emu/kernel/mm/program_stack.hpp"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): AT_*

// bprm_stack_limits(): a quarter of the stack, but no more than of the usual one and no less than ARG_MAX.
std::uint64_t most_strings(std::uint64_t stack_limit) {
  constexpr std::uint64_t kUsualStack = std::uint64_t{8} << 20;
  constexpr std::uint64_t kArgMax = 131072;
  return std::max(std::min(kUsualStack / 4 * 3, stack_limit / 4), kArgMax);
}

ElfError too_long() {
  return {E2BIG, "cannot start: its arguments and environment are longer than the stack allows"};
}

}  // namespace

ProgramStack::ProgramStack(Mm& mm, StackContent content, bool executable)
    : mm_(mm),
      content_(std::move(content)),
      lowest_(mm.layout().stack_top - most_strings(mm.stack_limit())),
      at_(mm.layout().stack_top - 8) {
  map(executable);
  push_strings();
}

void ProgramStack::push_strings() {
  file_name_ = push(content_.file_name);
  // Each vector's strings follow each other upwards, the environment behind the arguments: a program that
  // shows something else as its command line writes over them.
  mm_.places.env_end = at_;
  environment_ = push_all(content_.environment);
  mm_.places.env_start = mm_.places.arg_end = at_;
  arguments_ = push_all(content_.arguments);
  mm_.places.arg_start = at_;
}

// setup_arg_pages(): the pages of the strings and 128 KiB below them, as far as RLIMIT_STACK goes; it grows
// by faults.
void ProgramStack::map(bool executable) {
  constexpr std::uint64_t kExpand = 131072;
  const std::uint64_t page = mm_.page_size();
  std::uint64_t strings = 8 + content_.file_name.size() + 1;
  for (const auto* texts : {&content_.arguments, &content_.environment}) {
    for (const std::string& text : *texts) strings += text.size() + 1;
  }
  if (strings > mm_.layout().stack_top - lowest_) throw too_long();
  const std::uint64_t used = (strings + page - 1) / page * page;
  const std::uint64_t size = std::max(used, std::min(mm_.stack_limit() / page * page, used + kExpand));
  Mm::MapRequest request{.at = mm_.layout().stack_top - size, .fixed = true, .size = size};
  request.vma.permissions = {.read = true, .write = true, .execute = executable};
  request.vma.grows_down = true;
  request.vma.name = "[stack]";
  if (!mm_.map(request)) throw ElfError(ENOMEM, "does not fit into the machine's memory");
}

// Strings are copied before there is a process that has the pages, through the kernel's own mapping of them
// (copy_strings()); the rest is written as any call does.
std::uint64_t ProgramStack::push(std::string_view bytes, bool remote) {
  at_ = at_ - (bytes.size() + 1);
  std::vector<std::byte> text(bytes.size() + 1);
  std::ranges::transform(bytes, text.begin(), [](char c) { return static_cast<std::byte>(c); });
  if (!(remote ? mm_.poke(at_, text) : mm_.write(at_, text))) throw too_long();
  return at_.value;
}

std::vector<std::uint64_t> ProgramStack::push_all(const std::vector<std::string>& texts) {
  std::vector<std::uint64_t> addresses(texts.size());
  for (std::size_t i = texts.size(); i-- > 0;) addresses[i] = push(texts[i]);
  return addresses;
}

GuestVa ProgramStack::create_elf_tables(const LoadedProgram& program) {
  constexpr std::string_view kRandom = "trapline-at-rand";  // 16 bytes that are the same in every run
  at_ = at_.align_down(16);                                 // arch_align_stack()
  const std::uint64_t platform = push(content_.platform, false);
  at_ = at_ - kRandom.size();
  const std::uint64_t random = at_.value;
  if (!mm_.write(at_, std::as_bytes(std::span(kRandom)))) throw too_long();

  std::vector<std::uint64_t> words{arguments_.size()};
  words.insert(words.end(), arguments_.begin(), arguments_.end());
  words.push_back(0);
  words.insert(words.end(), environment_.begin(), environment_.end());
  words.push_back(0);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> auxiliary{
      {kAtMinSigStkSz, content_.min_signal_stack},
      {kAtHwCap, content_.hwcap},
      {kAtPageSz, mm_.page_size()},
      {kAtClkTck, 100},
      {kAtPhdr, program.headers.value},
      {kAtPhent, sizeof(Elf64_Phdr)},
      {kAtPhnum, program.header_count},
      {kAtBase, program.interpreter_base.value},
      {kAtFlags, 0},
      {kAtEntry, program.entry.value},
      {kAtUid, 0},
      {kAtEuid, 0},
      {kAtGid, 0},
      {kAtEgid, 0},
      {kAtSecure, 0},
      {kAtRandom, random},
      {kAtHwCap2, content_.hwcap2},
      {kAtExecFn, file_name_},
      {kAtPlatform, platform},
      {kAtNull, 0},
  };
  if (mm_.vdso.value != 0) auxiliary.insert(auxiliary.begin(), {kAtSysInfoEhdr, mm_.vdso.value});
  for (const auto& [type, value] : auxiliary) {
    words.push_back(type);
    words.push_back(value);
  }
  at_ = (at_ - 8 * words.size()).align_down(16);
  std::vector<std::byte> bytes(8 * words.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    isa::store_word(std::span(bytes).subspan(8 * i, 8), words[i], isa::byte_order(mm_.isa()));
  }
  if (!mm_.write(at_, bytes)) throw too_long();
  mm_.places.start_stack = at_;
  mm_.places.auxv.assign(bytes.end() - static_cast<std::ptrdiff_t>(16 * auxiliary.size()), bytes.end());
  return at_;
}

}  // namespace trapline::kernel
