// The cases on the host's own processor: a traced process whose code, data and registers are those of the
// case, and whose debug registers Linux writes for us.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "tools/silicon/case.hpp"
#include "tools/silicon/outcome.hpp"

namespace trapline::tools::silicon {

// The host has no debug registers that can be used; what() says why.
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Native {
 public:
  // Throws Unavailable.
  Native();
  ~Native();
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;

  Outcome run(const Case& test);

  // As in "AuthenticAMD family 25 model 17".
  const std::string& processor() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trapline::tools::silicon
