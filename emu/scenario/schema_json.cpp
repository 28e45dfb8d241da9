#include "emu/scenario/schema_json.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "emu/scenario/format.hpp"
#include "emu/scenario/schema.hpp"
#include "isa/isa.hpp"

namespace trapline::scenario {
namespace {

using Json = nlohmann::ordered_json;
using schema::Type;

// What YAML readers make of a text without quotes.
const Json kAnyScalar = Json::array({"string", "number", "boolean"});

class Writer {
 public:
  // A reference where the type has a name.
  Json write(const Type& type) {
    if (type.name.empty()) return define(type);
    if (!definitions_.contains(type.name)) {
      definitions_[type.name] = Json::object();  // holds the name's place in the order
      definitions_[type.name] = define(type);
    }
    return {{"$ref", "#/$defs/" + type.name}};
  }

  Json define(const Type& type) {
    return std::visit([&](const auto& form) { return write_form(form); }, type.form);
  }

  Json definitions() { return std::move(definitions_); }

 private:
  static std::string anchored(const std::string& pattern) { return fmt::format("^(?:{})$", pattern); }

  Json write_form(const schema::Text& text) {
    Json json{{"type", kAnyScalar}};
    if (text.single_line) json["pattern"] = "^[^\\n]+$";
    return json;
  }
  Json write_form(const schema::Pattern& pattern) {
    Json text{{"type", "string"}, {"pattern", anchored(pattern.pattern)}};
    if (!pattern.number_too) return text;
    const Json number{{"type", "integer"}, {"minimum", 0}, {"maximum", pattern.number_max}};
    return {{"anyOf", Json::array({text, number})}};
  }
  Json write_form(const schema::Integer& integer) {
    Json json{{"type", "integer"}};
    if (integer.negative_too) {
      json["minimum"] = std::numeric_limits<std::int64_t>::min();
    } else {
      json["minimum"] = integer.min;
    }
    json["maximum"] = integer.max;
    return json;
  }
  Json write_form(const schema::Size& size) {
    const Json number{{"type", "integer"}, {"minimum", size.min}, {"maximum", size.max}};
    const Json text{{"type", "string"},
                    {"pattern", "^(0x[0-9a-fA-F]{1,16}|[1-9][0-9]{0,18}) ?(KiB|MiB|GiB)?$"}};
    return {{"anyOf", Json::array({number, text})}};
  }
  Json write_form(const schema::Boolean&) { return {{"type", "boolean"}}; }
  Json write_form(const schema::Choice& choice) { return {{"enum", choice.names}}; }
  Json write_form(const schema::List& list) {
    Json json{{"type", "array"}, {"items", write(*list.item)}};
    if (list.min_items > 0) json["minItems"] = list.min_items;
    if (list.unique) json["uniqueItems"] = true;
    return json;
  }
  Json write_form(const schema::Object& object) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const schema::Field& field : object.fields) {
      Json property = write(*field.type);
      property["description"] = field.about;
      properties[field.key] = std::move(property);
      if (field.required) required.push_back(field.key);
    }
    Json json{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) json["required"] = std::move(required);
    write_rules(object, json);
    json["additionalProperties"] = false;
    return json;
  }
  static Json required_keys(const std::vector<std::string>& keys) { return {{"required", keys}}; }

  // One rule stands beside the properties; several, which would have the same keywords, in `allOf`.
  static void write_rules(const schema::Object& object, Json& json) {
    Json rules = Json::array();
    for (const auto& keys : object.exactly_one) {
      Json alternatives = Json::array();
      for (const std::string& key : keys) alternatives.push_back(required_keys({key}));
      rules.push_back({{"oneOf", std::move(alternatives)}});
    }
    for (const auto& keys : object.at_most_one) {
      Json pairs = Json::array();
      for (std::size_t i = 0; i < keys.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) pairs.push_back(required_keys({keys[j], keys[i]}));
      }
      rules.push_back({{"not", pairs.size() == 1 ? pairs.front() : Json{{"anyOf", pairs}}}});
    }
    if (rules.size() == 1) {
      json.update(rules.front());
    } else if (!rules.empty()) {
      json["allOf"] = std::move(rules);
    }
  }

  Json write_form(const schema::Table& table) {
    return {{"type", "object"},
            {"propertyNames", write(*table.key)},
            {"additionalProperties", write(*table.value)}};
  }
  Json write_form(const schema::Either& either) {
    Json forms = Json::array();
    for (const schema::TypeRef& form : either.forms) forms.push_back(write(*form));
    return {{"anyOf", std::move(forms)}};
  }
  Json write_form(const schema::ByKind& by_kind) {
    Json json = write(*by_kind.forms.front().second);
    for (std::size_t i = 1; i < by_kind.forms.size(); ++i) {
      const auto& [name, form] = by_kind.forms[i];
      Json chosen{{"type", "object"}};  // a reader that knows no `if` learns at least this
      chosen["if"] = {
          {"properties", {{by_kind.key, {{"const", name}, {"description", "what is below the program"}}}}},
          {"required", Json::array({by_kind.key})}};
      chosen["then"] = write(*form);
      chosen["else"] = std::move(json);
      json = std::move(chosen);
    }
    return json;
  }
  Json write_form(const schema::PerIsa& per_isa) {
    const Json value = write(*per_isa.value);
    Json properties = Json::object();
    for (const isa::Isa isa : isa::kAllIsas) {
      Json property = value;
      property["description"] = fmt::format("on {}", isa::name(isa));
      properties[std::string(isa::name(isa))] = std::move(property);
    }
    const Json mapping{{"type", "object"},
                       {"properties", std::move(properties)},
                       {"minProperties", 1},
                       {"additionalProperties", false}};
    return {{"anyOf", Json::array({value, mapping})}};
  }

  Json definitions_ = Json::object();
};

}  // namespace

std::string json_schema() {
  Writer writer;
  Json body = writer.define(*scenario_format());
  Json json{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
            {"title", "Trapline scenario, version 2"}};
  json.update(body);
  json["$defs"] = writer.definitions();
  return json.dump(2) + "\n";
}

}  // namespace trapline::scenario
