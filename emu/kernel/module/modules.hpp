// Kernel modules (kernel/module/main.c): from a relocatable object to code that runs, and out again.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emu/kernel/module/kernel_code.hpp"
#include "emu/kernel/module/module_object.hpp"

namespace trapline::kernel {

class Printk;

// Where one has come to lie.
struct Module {
  struct Piece {
    GuestVa address;
    std::uint64_t bytes = 0;
  };
  enum class State : std::uint8_t { Coming, Live, Going };

  std::string name;  // "": what is linked to the kernel itself
  State state = State::Coming;
  std::vector<Piece> pieces;
  GuestVa per_cpu;  // CPU 0's; 0: none
  GuestVa init;     // as it is called; 0: none
  GuestVa exit;
  GuestVa this_module;  // struct module; 0: it has none
  std::vector<std::pair<std::string, GuestVa>> exports;
  std::vector<std::pair<std::string, GuestVa>> functions;  // those that are global, as they are called
  std::vector<GuestVa> initcalls;                          // in their order, of what is linked to the kernel

  std::uint64_t size() const {
    std::uint64_t bytes = 0;
    for (const Piece& piece : pieces) bytes += piece.bytes;
    return bytes;
  }
  GuestVa base() const { return pieces.empty() ? GuestVa(0) : pieces.front().address; }
};

class Modules {
 public:
  Modules(KernelCode& code, Printk& printk) : code_(code), printk_(printk) {}

  // Into memory, with its parameters set from "name=value name=value"; nothing of it has run. `name` is for
  // an object that does not say how it is called. Throws ModuleError: what init_module(2) refuses.
  Module& load(std::span<const std::byte> file, std::string_view name, std::string_view arguments);
  // The same of code that belongs to the kernel: all of its symbols are for modules. It may be linked at
  // addresses of its own.
  const Module& link(std::span<const std::byte> file);
  void unload(const Module& module);

  // A variable of the model's own, which modules may use: its symbol, zeroed.
  GuestVa variable(std::string_view name, std::uint64_t bytes);
  // The same where it lies already.
  void add_variable(std::string_view name, GuestVa address, std::uint64_t bytes);

  Module* find(std::string_view name);

  // How often it is held (try_module_get()).
  std::uint64_t references(const Module& module) const;
  void set_state(Module& module, Module::State state);
  static std::uint64_t number_of(Module::State state);  // enum module_state
  // As guest code calls or names it; nothing: there is no such symbol for modules.
  std::optional<GuestVa> resolve(const std::string& name) const;
  template <class Use>
  void each_newest_first(Use use) const {
    for (const Module& module : std::views::reverse(modules_)) use(module);
  }

 private:
  class Loading;

  void give_back(const Module& module);

  KernelCode& code_;
  Printk& printk_;
  std::list<Module> modules_;
  std::list<Module> linked_;
  std::map<std::string, GuestVa, std::less<>> exports_;
};

}  // namespace trapline::kernel
