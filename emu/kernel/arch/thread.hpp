// What an instruction set keeps for each thread beside its registers (struct thread_struct).
#pragma once

#include <cstdint>

namespace trapline::kernel {

struct ThreadArch {
  bool user_single_step =
      false;  // TIF_SINGLESTEP: a step that the thread's tracer, or the thread itself, asked for
};

}  // namespace trapline::kernel
