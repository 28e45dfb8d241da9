// The types of values that both kinds of scenario, and several keys, share.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "emu/scenario/schema.hpp"

namespace trapline::scenario {

inline constexpr bool kRequired = true;
inline constexpr std::uint64_t kMaxCpus = 64;
inline constexpr std::uint64_t kMaxMemory = std::uint64_t{64} << 30;

// All but line() may be given per instruction set.
schema::TypeRef per_isa(schema::TypeRef value);
schema::TypeRef text();
schema::TypeRef bytes();  // may hold the character 0
schema::TypeRef line();
schema::TypeRef boolean();
schema::TypeRef integer(std::uint64_t min = 0, std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
// A number, or a range of them: {min, max}.
schema::TypeRef bounds(std::uint64_t min = 0, std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
schema::Object bounds_object(std::uint64_t min = 0,
                             std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
schema::TypeRef place();
schema::TypeRef costs();
schema::TypeRef compiler_flags();
schema::TypeRef link_flags();
schema::TypeRef debug_unit();
schema::TypeRef errno_name();
schema::TypeRef signal_name();

std::vector<std::string> isa_names();

// The pattern of a symbol with or without an offset.
std::string symbol_pattern();

// What a scenario file begins with.
std::vector<schema::Field> heading_fields();

// Of `program`: where it comes from. Without a C library there is no C++.
std::vector<schema::Field> source_fields(bool has_libc);
// Of these keys a program has one.
std::vector<std::string> keys_of(const std::vector<schema::Field>& fields);

}  // namespace trapline::scenario
