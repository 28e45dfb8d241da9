#include "emu/machine/bare_engine.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <unordered_map>

#include "emu/machine/engine_impl.hpp"

namespace trapline::machine {

struct BareEngine::Impl {
  static bool on_fill(uc_engine* /*uc*/, std::uint64_t address, uc_mem_type /*type*/, uc_tlb_entry* entry,
                      void* self) {
    const auto& pages = static_cast<Impl*>(self)->pages;
    const std::uint64_t page = GuestVa(address).align_down(kGranule).value;
    const auto found = pages.find(page);
    if (found == pages.end()) return false;
    entry->paddr = page;
    entry->perms = found->second;
    return true;
  }
  static void on_memory(uc_engine* /*uc*/, uc_mem_type /*type*/, std::uint64_t address, int size,
                        std::int64_t /*value*/, void* self) {
    Impl& me = *static_cast<Impl*>(self);
    for (const Range& range : me.watched) {
      if (address - range.first.value < range.size ||
          range.first.value - address < static_cast<unsigned>(size))
        ++me.matches;
    }
  }
  static void on_code(uc_engine* /*uc*/, std::uint64_t address, std::uint32_t /*size*/, void* self) {
    Impl& me = *static_cast<Impl*>(self);
    ++me.instructions;
    for (const Range& range : me.watched) {
      if (range.first.value == address) ++me.matches;
    }
  }

  void add_hook(int type, void* function) {
    uc_hook hook = 0;
    check(uc_hook_add(uc.get(), &hook, type, function, this, 1, 0), "add a hook");
  }
  void set(int reg, std::uint64_t value) const {
    check(uc_reg_write(uc.get(), reg, &value), "write a register");
  }

  struct Close {
    void operator()(uc_engine* engine) const { uc_close(engine); }
  };
  std::unique_ptr<uc_engine, Close> uc;
  isa::Isa isa = isa::Isa::X86_64;
  std::unordered_map<std::uint64_t, uc_prot> pages;  // by address; never iterated
  // The unused ones match nothing: user code has no addresses up there.
  std::array<Range, kMostWatched> watched{
      {{GuestVa(~0ull), 0}, {GuestVa(~0ull), 0}, {GuestVa(~0ull), 0}, {GuestVa(~0ull), 0}}};
  std::uint64_t instructions = 0;
  std::uint64_t matches = 0;
};

BareEngine::BareEngine(isa::Isa isa, Hooks hooks, std::span<const Range> watched)
    : impl_(std::make_unique<Impl>()) {
  const bool x86 = isa == isa::Isa::X86_64;
  uc_engine* uc = nullptr;
  check(uc_open(x86 ? UC_ARCH_X86 : UC_ARCH_PPC,
                x86 ? UC_MODE_64 : static_cast<uc_mode>(UC_MODE_PPC64 | UC_MODE_BIG_ENDIAN), &uc),
        "open a bare engine");
  impl_->uc.reset(uc);
  impl_->isa = isa;
  std::ranges::copy(watched.first(std::min(watched.size(), kMostWatched)), impl_->watched.begin());
  check(uc_ctl_tlb_mode(uc, UC_TLB_VIRTUAL), "take over the MMU");
  impl_->add_hook(UC_HOOK_TLB_FILL, reinterpret_cast<void*>(Impl::on_fill));
  if (hooks == Hooks::Everything) {
    impl_->add_hook(UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, reinterpret_cast<void*>(Impl::on_memory));
    impl_->add_hook(UC_HOOK_CODE, reinterpret_cast<void*>(Impl::on_code));
  }
  if (!x86) impl_->set(UC_PPC_REG_MSR, isa::ppc64::kUserMsr);
}

BareEngine::~BareEngine() = default;

void BareEngine::map(GuestVa address, std::uint64_t size, Permissions permissions) {
  check(uc_mem_map(impl_->uc.get(), address.value, size, UC_PROT_ALL), "map memory");
  unsigned perms = 0;
  if (permissions.read) perms |= UC_PROT_READ;
  if (permissions.write) perms |= UC_PROT_WRITE;
  if (permissions.execute) perms |= UC_PROT_EXEC;
  for (std::uint64_t at = 0; at < size; at += kGranule) {
    impl_->pages.insert_or_assign(address.value + at, static_cast<uc_prot>(perms));
  }
}

void BareEngine::write(GuestVa address, std::span<const std::byte> bytes) {
  check(uc_mem_write(impl_->uc.get(), address.value, bytes.data(), bytes.size()), "write to memory");
}

void BareEngine::run(const Loop& loop) {
  if (impl_->isa == isa::Isa::X86_64) {
    impl_->set(UC_X86_REG_RBX, loop.data.value);
    impl_->set(UC_X86_REG_RSP, loop.stack.value);
    impl_->set(UC_X86_REG_RCX, loop.count);
  } else {
    impl_->set(UC_PPC_REG_3, loop.data.value);
    impl_->set(UC_PPC_REG_1, loop.stack.value);
    impl_->set(UC_PPC_REG_CTR, loop.count);
  }
  check(uc_emu_start(impl_->uc.get(), loop.pc.value, loop.end.value, 0, 0), "run a loop");
  std::uint64_t left = 0;
  check(
      uc_reg_read(impl_->uc.get(),
                  impl_->isa == isa::Isa::X86_64 ? static_cast<int>(UC_X86_REG_RCX) : UC_PPC_REG_CTR, &left),
      "read a register");
  if (left != 0) throw std::runtime_error("Unicorn: a loop ended early");
}

std::uint64_t BareEngine::instructions() const { return impl_->instructions; }
std::uint64_t BareEngine::matches() const { return impl_->matches; }

}  // namespace trapline::machine
