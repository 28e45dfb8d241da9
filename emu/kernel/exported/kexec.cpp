#include "emu/kernel/exported/kexec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/kernel.hpp"
#include "isa/byte_order.hpp"

namespace trapline::kernel {

namespace {

// Of the new kernel until it has one of its own: the last of memory.
constexpr std::uint64_t kImageStack = 64 << 10;

// Whether the instruction at the PC ends what a CPU does: x86-64 hlt, PPC64 attn.
bool halts(machine::Machine& machine, machine::Cpu& cpu) {
  const auto page = cpu.space()->translate(cpu.pc());
  if (!page) return false;
  const bool x86 = machine.isa() == isa::Isa::X86_64;
  constexpr std::uint64_t kHlt = 0xf4, kAttn = 0x200;
  const auto bytes = machine.memory().bytes(page->address, x86 ? 1 : 4);
  return isa::load_word(bytes, isa::byte_order(machine.isa())) == (x86 ? kHlt : kAttn);
}

}  // namespace

Status Kexec::load(Image image) {
  const std::uint64_t memory = kernel_.machine().memory().size();
  std::ranges::sort(image.segments, {}, &Segment::address);
  GuestVa end(0);
  std::uint64_t total = 0;
  for (const Segment& segment : image.segments) {
    if (segment.size > memory / 2 - total)
      return refused(EINVAL, "", "the segments take more than half of memory");
    total += segment.size;
    if (segment.address < end) return refused(EINVAL, "", "two segments overlap");
    if (segment.size > memory - kImageStack || segment.address.value > memory - kImageStack - segment.size)
      return refused(EADDRNOTAVAIL, "", "a segment lies where there is no memory for it");
    end = segment.address + segment.size;
  }
  image_ = std::move(image);
  return Done{};
}

Status Kexec::start(machine::Cpu& cpu, Task& task) {
  KernelCode& code = kernel_.kernel_half().code();
  machine::Machine& machine = kernel_.machine();
  const std::uint64_t page = code.space().page_size();
  const machine::Permissions all{.read = true, .write = true, .execute = true};
  auto memory = std::make_unique<machine::AddressSpace>(page, machine.memory().next_owner() << 40);
  const auto map = [&](GuestVa address, std::uint64_t size, std::span<const std::byte> bytes) {
    for (std::uint64_t at = 0; at < size; at += page) {
      const auto frame = machine.allocate_frame();
      if (!frame) return false;
      memory->map(address + at, *frame, all);
      if (at < bytes.size())
        machine.write(*frame, bytes.subspan(at, std::min<std::uint64_t>(page, bytes.size() - at)));
    }
    return true;
  };
  const GuestVa stack(machine.memory().size() - kImageStack);
  bool fits = map(stack, kImageStack, {});
  for (const Segment& segment : image_->segments)
    fits = fits && map(segment.address, segment.size, segment.bytes);
  if (!fits) return refused(ENOMEM, "", "the new kernel does not fit into memory");

  // machine_shutdown(), and kexec_smp_down() of each CPU.
  for (unsigned other = 0; other < machine.cpus(); ++other) {
    if (other != cpu.index()) kernel_.scheduler().take_offline(other, nullptr);
  }
  for (unsigned each = 0; each < machine.cpus(); ++each)
    kernel_.arch().hw_breakpoint_disable(machine.cpu(each));
  cpu.trace(machine::Layer::FrontEnd, "machine_kexec", {{"entry", machine::Hex{image_->entry.value}}});

  KernelContext& context = code.context_of(task);
  context.irqs_disabled = true;
  context.pending.clear();
  machine.forget(*context.view);
  context.view = std::move(memory);
  cpu.set_address_space(context.view.get());
  cpu.set_single_step(false);
  kernel_.arch().start_image(cpu, image_->entry, stack + kImageStack);
  started_ = true;
  return Done{};
}

void Kexec::stopped(machine::Cpu& cpu, const machine::Stop& stop) {
  if (std::holds_alternative<machine::BudgetUsed>(stop)) return;
  if (halts(kernel_.machine(), cpu)) return kernel_.power_off();
  const char* const what = std::holds_alternative<machine::DebugException>(stop) ? "a debug exception"
                           : std::holds_alternative<machine::PageFault>(stop)    ? "a page fault"
                                                                                 : "an exception";
  kernel_.give_up(fmt::format("the kernel that kexec started took {} at {:#x}, and has no handlers here",
                              what, cpu.pc().value));
}

}  // namespace trapline::kernel
