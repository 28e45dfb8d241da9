// The form of what a scenario file says about perf events.
#pragma once

#include "emu/scenario/schema.hpp"

namespace trapline::scenario {

schema::TypeRef events();              // key `events`
schema::TypeRef actions();             // key `actions`
schema::TypeRef event_expectations();  // key `expect.events`
schema::TypeRef order_expectation();
schema::TypeRef own_expectation();  // key `expect.order`

}  // namespace trapline::scenario
