// trapline decode: the value of a register, bit by bit.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "debugunit/layouts.hpp"
#include "emu/scenario/numbers.hpp"
#include "emu/scenario/schema.hpp"
#include "tools/commands.hpp"

namespace trapline::tools {

namespace {

struct DecodeOptions {
  std::string name;
  std::string value;
  std::string isa;
};

int refuse_decode(const std::string& message) {
  std::cerr << "trapline: error: " << message << '\n';
  return kBadInput;
}

void print_decoded(const isa::RegisterLayout& layout, std::uint64_t value) {
  const std::vector<isa::DecodedField> fields = isa::decode(layout, value);
  std::cout << fmt::format("{} = {:#x}: {} of {} ({})\n", layout.name, value, layout.about,
                           isa::name(layout.isa), layout.source);
  std::size_t bits = 0;
  std::size_t names = 0;
  std::size_t values = 0;
  for (const isa::DecodedField& field : fields) {
    bits = std::max(bits, field.bits.size());
    names = std::max(names, field.name.size());
    values = std::max(values, field.value.size());
  }
  for (const isa::DecodedField& field : fields) {
    std::cout << fmt::format("  {:>{}}  {:<{}}  {:>{}}  {}\n", field.bits, bits, field.name, names,
                             field.value, values, field.meaning);
  }
}

int decode_register(const DecodeOptions& options) {
  const auto value = scenario::parse_unsigned(options.value);
  if (!value) {
    return refuse_decode(
        fmt::format("a value is a number of 64 bits, decimal or 0x hexadecimal, not `{}`", options.value));
  }
  bool found = false;
  for (const isa::Isa isa : isa::kAllIsas) {
    if (!options.isa.empty() && options.isa != isa::name(isa)) continue;
    const isa::RegisterLayout* const layout = debugunit::layout_of(isa, options.name);
    if (layout == nullptr) continue;
    print_decoded(*layout, *value);
    found = true;
  }
  if (found) return 0;
  std::vector<std::string> known;
  for (const std::string_view name : debugunit::layout_names()) known.emplace_back(name);
  const std::string near = scenario::schema::nearest(options.name, known);
  return refuse_decode(fmt::format("no register `{}`{}; there are {}", options.name,
                                   near.empty() ? "" : fmt::format(" (did you mean `{}`?)", near),
                                   scenario::schema::joined(known, ", ")));
}

}  // namespace

void add_decode(CommandLine& line) {
  auto options = std::make_shared<DecodeOptions>();
  Command command = line.command("decode", "Say what a register's value means, bit by bit");
  command
      .option("register", &options->name,
              "dr0 to dr3, dr6, dr7, rflags, cr0, cr4, debugctl; dabr, dabrx, dawr0, "
              "dawrx0, dawr1, dawrx1, msr, srr1, dsisr")
      .required();
  command.option("value", &options->value, "Its value, decimal or 0x hexadecimal").required();
  std::vector<std::string> isas;
  for (const isa::Isa isa : isa::kAllIsas) isas.emplace_back(isa::name(isa));
  command.option("--isa", &options->isa, "Only that of this instruction set").one_of(isas);
  command.footer(
      "Bits are numbered as the manuals have them: on PPC64 from the left.\n"
      "Examples:\n  trapline decode dr7 0xd0402\n  trapline decode dawrx0 0x5f");
  command.runs([options] { return decode_register(*options); });
}

}  // namespace trapline::tools
