// The JSON Schema against the validator of another project: python3-jsonschema.
#include "emu/scenario/schema_json.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "support.hpp"

namespace trapline::scenario {
namespace {

// Exits with the number of files that the schema refuses; 100 where the schema itself is not valid.
constexpr std::string_view kScript = R"(import json, sys
import jsonschema, yaml
schema = json.load(open(sys.argv[1]))
try:
    jsonschema.Draft202012Validator.check_schema(schema)
except jsonschema.SchemaError as error:
    print(error)
    sys.exit(100)
validator = jsonschema.Draft202012Validator(schema)
refused = 0
for path in sys.argv[2:]:
    errors = list(validator.iter_errors(yaml.safe_load(open(path))))
    refused += bool(errors)
    for error in errors:
        print(path, error.json_path, error.message[:200])
sys.exit(refused)
)";

constexpr const char* kGood[] = {
    "scenario: x\nprogram: {c: counter.c}\n",
    "scenario: x\nisa: x86-64\nprogram: {c: {source: 'int x;'}}\n",
    "scenario: x\nisa: [ppc64]\nprogram: {assembly: {x86-64: nop, ppc64: {file: a.s}}, args: [1, b, true]}\n",
    "scenario: x\nkind: bare\ncites: [a, b]\nprogram: {c: {source: ''}}\nmachine: {debug-unit: {x86-64: dr, "
    "ppc64: dawr}}\nexpect:\n  end: "
    "shutdown\n  exceptions: []\n  registers: {x86-64: {rax: main+4}, ppc64: {r3: {mask: 1, value: 0x1}}}\n",
    "scenario: x\nprogram: {elf: a}\nmachine: {memory: 256MiB, slots: {x86-64: 4, ppc64: 0}, costs: {trap: "
    "1, "
    "instructions: {load: 3}}}\n",
    "scenario: x\nprogram: {c: a.c, flags: [-O2, '-Wl,-z,norelro', -DX=\"a b\"]}\nevents:\n  a: {watch: "
    "0x404010, type: "
    "x}\n  b: {watch: counter+4, cpu: 0, expect-error: ENOSPC}\n",
    "scenario: x\nprogram: {c: a.c}\nevents: {a: {watch: b}}\nexpect:\n  exit: {signal: SIGTRAP}\n  output: "
    "{contains: "
    "[a]}\n  stderr: ''\n  events: {a: {count: {x86-64: 1, ppc64: 2}, more: true, hits: [{at: a, old: -1, "
    "new: "
    "18446744073709551615}]}}\n",
    "scenario: x\nprogram: {c: a.c}\nevents:\n  a: {watch: b, task: 2, cpu: 0, sample: [ip, read], buffer: "
    "1, freq: "
    "{x86-64: 1, ppc64: 2}}\n  c: {software: cpu-clock, group: a, watermark: 9}\nactions:\n  - {at: 1, "
    "disable: "
    "{group: a}}\n  - {hit: {event: a, number: 2}, open: {name: d, watch: 0x10, type: r}, expect-error: "
    "EINVAL}\n  - {at: 2, read: {event: a, count: 1, time-enabled: {min: 1}, values: {a: 1}}}\n  - {at: 3, "
    "modify: {event: a, enabled: false}}\nexpect: {events: {a: {lost: {max: 3}, records: [{type: lost, lost: "
    "1}, "
    "{task: main, addr: b+1, callchain: [f]}]}}}\n",
};

constexpr const char* kBad[] = {
    "hello\n",
    "scenario: x\n",
    "scenario: x\nprogram: {}\n",
    "scenario: x\nkind: bear\nprogram: {c: a.c}\n",
    "scenario: x\nkind: bare\nprogram: {c: a.c, libc: true}\n",
    "scenario: x\nkind: bare\nprogram: {c: a.c}\nevents: {}\n",
    "scenario: x\nkind: bare\nprogram: {c: a.c}\nexpect: {exceptions: [{name: page-fault}]}\n",
    "scenario: x\nkind: bare\nprogram: {c: a.c}\nexpect: {registers: {eax: 1}}\n",
    "scenario: x\nprogram: {c: a.c}\nexpect: {registers: {rax: 1}}\n",
    "scenario: x\nprogram: {c: a.c, elf: b}\n",
    "scenario: x\nprogram: {c: a.c}\nisa: arm\n",
    "scenario: x\nprogram: {c: a.c}\nisa: []\n",
    "scenario: x\nprogram: {c: a.c}\nmachine: {cpus: 65}\n",
    "scenario: x\nprogram: {c: a.c}\nmachine: {memory: 256MB}\n",
    "scenario: x\nprogram: {c: a.c, flags: [-o]}\n",
    "scenario: x\nprogram: {c: []}\n",
    "scenario: x\nprogram: {c: [[a.c]]}\n",
    "scenario: x\nprogram: {c: a.c, c++: b.cc}\n",
    "scenario: x\nprogram: {c: a.c, link-flags: ['-Wl,-T,x']}\n",
    "scenario: x\nprogram: {c: a.c, flags: ['-Wl,-Map=x']}\n",
    "scenario: x\nprogram: {c: a.c}\nevents: {a: {}}\n",
    "scenario: x\nprogram: {c: a.c}\nevents: {a: {watch: a b}}\n",
    "scenario: x\nprogram: {c: a.c}\nevents: {a: {watch: b, software: dummy}}\n",
    "scenario: x\nprogram: {c: a.c}\nevents: {a: {software: dummy, length: 4}}\n",
    "scenario: x\nprogram: {c: a.c}\nevents: {a: {watch: b, period: 1, freq: 1}}\n",
    "scenario: x\nprogram: {c: a.c}\nevents: {a: {watch: b}}\nactions: [{close: a}]\n",
    "scenario: x\nprogram: {c: a.c}\nevents: {a: {watch: b}}\nactions: [{at: 1, close: a, reset: a}]\n",
    "scenario: x\nprogram: {c: a.c}\nactions: [{at: 1, open: {watch: b}}]\n",
    "scenario: x\nprogram: {c: a.c}\nexpect: {exit: -1}\n",
    "scenario: x\nprogram: {c: a.c}\nexpect: {exit: {x86-64: 0, arm: 1}}\n",
    "scenario: x\nprogram: {c: a.c}\nexpect: {events: {a: {hits: [{where: b}]}}}\n",
};

class SchemaJson : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("/usr/bin/python3 -c 'import jsonschema, yaml' 2>/dev/null") != 0) {
      GTEST_SKIP() << "needs Debian's python3-jsonschema and python3-yaml";
    }
    folder_.write("check.py", kScript);
    folder_.write("schema.json", json_schema());
  }

  template <std::size_t N>
  int refused(const char* const (&texts)[N]) {
    std::string command = "cd '";
    command += folder_.path().string();
    command += "' && /usr/bin/python3 check.py schema.json";
    for (std::size_t i = 0; i < N; ++i) {
      command += ' ';
      command += folder_.write(std::to_string(i) + ".yaml", texts[i]).filename().string();
    }
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  test::TemporaryFolder folder_;
};

TEST_F(SchemaJson, AcceptsGoodFiles) { EXPECT_EQ(refused(kGood), 0); }

TEST_F(SchemaJson, RefusesBadFiles) { EXPECT_EQ(refused(kBad), static_cast<int>(std::size(kBad))); }

TEST_F(SchemaJson, TheLoaderAgrees) {
  folder_.write("a.c", "");
  folder_.write("b", "");
  folder_.write("counter.c", "");
  folder_.write("a.s", "");
  for (const char* text : kBad) {
    EXPECT_NE(test::error_of([&] { parse(text, folder_.path() / "t.yaml"); }), "") << text;
  }
  folder_.write("a", "");
  for (const char* text : kGood) {
    EXPECT_EQ(test::error_of([&] { parse(text, folder_.path() / "t.yaml"); }), "") << text;
  }
}

TEST(SchemaText, IsTheSameEachTimeAndEndsInANewline) {
  EXPECT_EQ(json_schema(), json_schema());
  EXPECT_TRUE(
      json_schema().starts_with("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\""));
  EXPECT_TRUE(json_schema().ends_with("}\n"));
}

}  // namespace
}  // namespace trapline::scenario
