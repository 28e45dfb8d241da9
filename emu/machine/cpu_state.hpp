// Everything an engine knows of one CPU (registers, floating point, vectors, flags), to put aside and take up
// again.
#pragma once

#include <memory>

namespace trapline::machine {

class CpuState {
 public:
  CpuState();
  ~CpuState();
  CpuState(CpuState&&) noexcept;
  CpuState& operator=(CpuState&&) noexcept;

  bool empty() const { return impl_ == nullptr; }

 private:
  friend class Engine;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trapline::machine
