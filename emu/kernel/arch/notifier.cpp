#include "emu/kernel/arch/notifier.hpp"

#include <algorithm>

namespace trapline::kernel {

void NotifierChain::add(std::string name, int priority, Callback callback) {
  const auto place =
      std::ranges::find_if(blocks_, [&](const Block& block) { return block.priority < priority; });
  blocks_.insert(place, {std::move(name), priority, std::move(callback)});
}

Notify NotifierChain::call(DieArgs& args, const std::function<void(const std::string& name)>& asked) const {
  for (const Block& block : blocks_) {
    if (asked) asked(block.name);
    if (block.callback(args) == Notify::Stop) return Notify::Stop;
  }
  return Notify::Done;
}

}  // namespace trapline::kernel
