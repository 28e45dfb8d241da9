#include "emu/scenario/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include "emu/scenario/numbers.hpp"

// g++ 12 sees an uninitialized std::function inside <regex> when it sanitizes (GCC bug 105616); none is.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <regex>
#pragma GCC diagnostic pop
#else
#include <regex>
#endif

namespace trapline::scenario::schema {
namespace {

using yaml::Node;
using Kind = Node::Kind;

// std::regex recurses for each character: a longer text is none of our words anyway.
constexpr std::size_t kMaxPatternText = 1000;
// For what is longer nobody meant one of our words.
constexpr std::size_t kLongestWord = 64;

// The number of letters to insert, drop, change or swap with the next (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const std::size_t changed = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({changed, d[i - 1][j] + 1, d[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

std::string hint(std::string_view word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  if (!near.empty()) return fmt::format("did you mean `{}`?", near);
  constexpr std::size_t kListed = 8;
  if (known.size() <= kListed || word.size() > kLongestWord)
    return fmt::format("known are: {}", joined(known, ", "));
  std::vector<std::pair<std::size_t, std::string>> by_distance;
  for (const std::string& candidate : known)
    by_distance.emplace_back(edit_distance(word, candidate), candidate);
  std::ranges::stable_sort(by_distance, {}, &std::pair<std::size_t, std::string>::first);
  return fmt::format("the nearest of {} are {}, {} and {} (docs/scenarios.md has all)", known.size(),
                     by_distance[0].second, by_distance[1].second, by_distance[2].second);
}

bool has_leading_zero(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return text.size() > 1 && text.front() == '0' &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::vector<std::string> isa_names() {
  std::vector<std::string> names;
  for (const isa::Isa isa : isa::kAllIsas) names.emplace_back(isa::name(isa));
  return names;
}

std::vector<std::string> keys_of(const Object& object) {
  std::vector<std::string> keys;
  for (const Field& field : object.fields) keys.push_back(field.key);
  return keys;
}

std::string in_words(const Node& node) {
  switch (node.kind) {
    case Kind::List:
      return "a list";
    case Kind::Map:
      return "a mapping";
    default:
      break;
  }
  const std::string text = yaml::shown(node.text);
  const bool block = node.content_line != node.line;
  return node.plain || block ? fmt::format("`{}`", text) : fmt::format("`\"{}\"`", text);
}

class Validator {
 public:
  Validator(const std::vector<isa::Isa>& isas, const std::string& file) : isas_(isas), file_(file) {}

  // `what` names the value in messages: its key, mostly.
  void check(const Node& node, const Type& type, const std::string& what) {
    if (node.kind == Kind::Null) {
      return add(node, fmt::format("{} has no value; it wants {}", what, describe(type)));
    }
    std::visit([&](const auto& form) { check_form(node, form, type, what); }, type.form);
  }

  std::vector<Problem> take() { return std::move(problems_); }

 private:
  void add(const Node& node, std::string message) {
    problems_.push_back({{file_, node.line, node.column}, std::move(message)});
  }
  void wrong(const Node& node, const Type& type, const std::string& what) {
    add(node, fmt::format("{} wants {}, not {}", what, describe(type), in_words(node)));
  }

  void check_form(const Node& node, const Text& text, const Type& type, const std::string& what) {
    if (node.kind != Kind::Scalar) return wrong(node, type, what);
    if (text.single_line && (node.text.empty() || node.text.find('\n') != std::string::npos)) {
      return wrong(node, type, what);
    }
    if (!text.nul && node.text.find('\0') != std::string::npos) {
      add(node, fmt::format("{} cannot hold the character 0", what));
    }
  }

  void check_form(const Node& node, const Pattern& pattern, const Type& type, const std::string& what) {
    const bool candidate =
        node.kind == Kind::Scalar && !node.text.empty() && node.text.size() <= kMaxPatternText;
    if (!candidate || !std::regex_match(node.text, compiled(pattern))) return wrong(node, type, what);
    const bool number =
        pattern.number_too && std::isdigit(static_cast<unsigned char>(node.text.front())) != 0;
    const auto value = parse_unsigned(node.text);
    if (number && (!value || *value > pattern.number_max)) wrong(node, type, what);
  }

  // Compiling takes longer than matching, a file may list thousands of hits, and a run may have thousands of
  // files.
  static const std::regex& compiled(const Pattern& pattern) {
    static thread_local std::map<std::string, std::regex, std::less<>> patterns;
    const auto [place, fresh] = patterns.try_emplace(std::string(pattern.pattern));
    if (fresh) place->second.assign(place->first);
    return place->second;
  }

  void check_form(const Node& node, const Integer& integer, const Type& type, const std::string& what) {
    if (node.kind == Kind::Scalar && node.plain) {
      if (integer.negative_too && node.text.starts_with('-') && parse_signed(node.text)) return;
      const auto value = parse_unsigned(node.text);
      if (value && *value >= integer.min && *value <= integer.max) return;
    }
    if (node.kind == Kind::Scalar && node.plain && has_leading_zero(node.text)) {
      return add(node,
                 fmt::format("{} has a leading zero, which is octal for some and decimal for others; write "
                             "it without, or with 0x",
                             what));
    }
    wrong(node, type, what);
  }

  void check_form(const Node& node, const Size& size, const Type& type, const std::string& what) {
    const auto value = node.kind == Kind::Scalar ? parse_size(node.text) : std::nullopt;
    if (!value || *value < size.min || *value > size.max) wrong(node, type, what);
  }

  void check_form(const Node& node, const Boolean&, const Type& type, const std::string& what) {
    const bool good =
        node.kind == Kind::Scalar && node.plain && (node.text == "true" || node.text == "false");
    if (!good) wrong(node, type, what);
  }

  void check_form(const Node& node, const Choice& choice, const Type& type, const std::string& what) {
    if (node.kind != Kind::Scalar) return wrong(node, type, what);
    if (std::find(choice.names.begin(), choice.names.end(), node.text) != choice.names.end()) return;
    for (const auto& [other, ours] : choice.elsewhere) {
      if (node.text == other)
        return add(node, fmt::format("{} is `{}` here, not {}", what, ours, in_words(node)));
    }
    std::string near = nearest(node.text, choice.names);
    // `SEGV` for SIGSEGV
    const auto longer = std::ranges::find_if(choice.names, [&](const std::string& name) {
      return node.text.size() > 2 && name.ends_with(node.text);
    });
    if (near.empty() && longer != choice.names.end()) near = *longer;
    if (near.empty()) return wrong(node, type, what);
    add(node, fmt::format("{} does not know {}; did you mean `{}`?", what, in_words(node), near));
  }

  void check_form(const Node& node, const List& list, const Type& type, const std::string& what) {
    if (node.kind != Kind::List || node.items.size() < list.min_items) return wrong(node, type, what);
    for (auto item = node.items.begin(); item != node.items.end(); ++item) {
      check(*item, *list.item, fmt::format("an item of {}", what));
      const auto same = [&](const Node& other) { return other.text == item->text; };
      if (list.unique && std::any_of(node.items.begin(), item, same)) {
        add(*item, fmt::format("{} is in {} twice; remove one", in_words(*item), what));
      }
    }
  }

  void check_form(const Node& node, const Object& object, const Type& type, const std::string& what) {
    if (node.kind != Kind::Map) return wrong(node, type, what);
    std::vector<std::string> meant;  // by keys that are none
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const Node& key = node.keys[i];
      const auto field = std::find_if(object.fields.begin(), object.fields.end(),
                                      [&](const Field& candidate) { return candidate.key == key.text; });
      if (field == object.fields.end()) {
        meant.push_back(nearest(key.text, keys_of(object)));
        const std::string other = kind_with(node, key.text);
        add(key,
            other.empty()
                ? fmt::format("{} has no key {}; {}", what, in_words(key), hint(key.text, keys_of(object)))
                : fmt::format("{} has no key {}: that is for `kind: {}`", what, in_words(key), other));
      } else {
        check(node.items[i], *field->type, fmt::format("`{}`", yaml::shown(key.text)));
      }
    }
    for (const Field& field : object.fields) {
      if (!field.required || node.find(field.key) || std::ranges::find(meant, field.key) != meant.end())
        continue;
      add(node, fmt::format("{} lacks the key `{}`: {}", what, field.key, field.about));
    }
    check_exclusive(node, object, what, meant);
  }

  void check_exclusive(const Node& node, const Object& object, const std::string& what,
                       const std::vector<std::string>& meant) {
    const auto second = [&](const std::vector<std::string>& rule) -> const Node* {
      bool first = true;
      for (const Node& key : node.keys) {
        if (std::find(rule.begin(), rule.end(), key.text) == rule.end()) continue;
        if (!first) return &key;
        first = false;
      }
      return nullptr;
    };
    const auto present = [&](const std::string& key) {
      return node.find(key) != nullptr || std::ranges::find(meant, key) != meant.end();
    };
    const auto too_many = [&](const std::vector<std::string>& rule) {
      const Node* const key = second(rule);
      if (key == nullptr) return;
      add(*key, fmt::format("{} takes only one of the keys {}; remove the others", what, joined(rule, ", ")));
    };
    for (const auto& rule : object.exactly_one) {
      if (std::none_of(rule.begin(), rule.end(), present)) {
        add(node, fmt::format("{} needs one of the keys {}", what, joined(rule, ", ")));
      }
      too_many(rule);
    }
    for (const auto& rule : object.at_most_one) too_many(rule);
  }

  void check_form(const Node& node, const Table& table, const Type& type, const std::string& what) {
    if (node.kind != Kind::Map) return wrong(node, type, what);
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      check(node.keys[i], *table.key, fmt::format("a key of {}", what));
      check(node.items[i], *table.value, fmt::format("`{}`", yaml::shown(node.keys[i].text)));
    }
  }

  void check_form(const Node& node, const Either& either, const Type& type, const std::string& what) {
    for (const TypeRef& form : either.forms) {
      const bool list = std::holds_alternative<List>(form->form);
      const bool map =
          std::holds_alternative<Object>(form->form) || std::holds_alternative<Table>(form->form);
      const Kind kind = list ? Kind::List : map ? Kind::Map : Kind::Scalar;
      if (kind != node.kind) continue;
      // With the type of the whole, so that a message names the other forms as well.
      return std::visit([&](const auto& one) { check_form(node, one, type, what); }, form->form);
    }
    wrong(node, type, what);
  }

  // A value that is none of the kinds is found wrong in the form that the first kind has for it.
  void check_form(const Node& node, const ByKind& by_kind, const Type&, const std::string& what) {
    const Node* kind = node.find(by_kind.key);
    const TypeRef* chosen = &by_kind.forms.front().second;
    for (const auto& [name, form] : by_kind.forms) {
      if (kind && kind->text == name) chosen = &form;
    }
    by_kind_ = {&node, &by_kind};
    check(node, **chosen, what);
  }

  // Another kind than that of the mapping, which has such a key; "": none.
  std::string kind_with(const Node& node, std::string_view key) const {
    if (by_kind_.first != &node) return {};
    for (const auto& [name, form] : by_kind_.second->forms) {
      const auto* const object = std::get_if<Object>(&form->form);
      if (object != nullptr && std::ranges::find(object->fields, key, &Field::key) != object->fields.end())
        return name;
    }
    return {};
  }

  void check_form(const Node& node, const PerIsa& per_isa, const Type&, const std::string& what) {
    if (!is_per_isa(node)) return check(node, *per_isa.value, what);
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const std::string& key = node.keys[i].text;
      if (isa::from_name(key)) {
        check(node.items[i], *per_isa.value, fmt::format("{} for {}", what, key));
      } else {
        add(node.keys[i], fmt::format("{} is given per instruction set, and `{}` is none; {}", what,
                                      yaml::shown(key), hint(key, isa_names())));
      }
    }
    for (const isa::Isa isa : isas_) {
      if (node.find(isa::name(isa))) continue;
      add(node,
          fmt::format("{} has no value for {}, which the scenario is for; add `{}: …`, or name the others in "
                      "`isa`",
                      what, isa::name(isa), isa::name(isa)));
    }
  }

  const std::vector<isa::Isa>& isas_;
  const std::string& file_;
  std::vector<Problem> problems_;
  std::pair<const Node*, const ByKind*> by_kind_{};  // the mapping that is of one of several kinds
};

struct Describe {
  std::string operator()(const Text& text) const { return text.single_line ? "one line of text" : "text"; }
  std::string operator()(const Pattern& pattern) const { return pattern.wanted; }
  std::string operator()(const Integer& integer) const {
    if (integer.max == std::numeric_limits<std::uint64_t>::max()) {
      if (integer.negative_too) return "a whole number of 64 bits";
      return integer.min == 0 ? "a whole number" : fmt::format("a whole number from {} on", integer.min);
    }
    return fmt::format("a whole number from {} to {}", integer.min, integer.max);
  }
  std::string operator()(const Size& size) const {
    return fmt::format("a number of bytes such as 256MiB, from {}MiB to {}GiB", size.min >> 20,
                       size.max >> 30);
  }
  std::string operator()(const Boolean&) const { return "true or false"; }
  std::string operator()(const Choice& choice) const {
    return choice.names.size() == 1 ? fmt::format("`{}`", choice.names[0])
                                    : fmt::format("one of {}", joined(choice.names, ", "));
  }
  std::string operator()(const List& list) const {
    return fmt::format("a list {}of {}", list.min_items > 0 ? "(not empty) " : "", describe(*list.item));
  }
  std::string operator()(const Object& object) const {
    const auto keys = keys_of(object);
    return fmt::format("a mapping with the key{} {}", keys.size() == 1 ? "" : "s", joined(keys, ", "));
  }
  std::string operator()(const Table& table) const {
    return fmt::format("a mapping from {}", describe(*table.key));
  }
  std::string operator()(const Either& either) const {
    std::vector<std::string> forms;
    for (const TypeRef& form : either.forms) {
      const List* const list = std::get_if<List>(&form->form);
      const bool of_these = list && describe(*list->item) == joined(forms, ", or ");
      forms.push_back(of_these ? "a list of these" : describe(*form));
    }
    return joined(forms, ", or ");
  }
  std::string operator()(const ByKind& by_kind) const { return describe(*by_kind.forms.front().second); }
  std::string operator()(const PerIsa& per_isa) const { return describe(*per_isa.value); }
};

}  // namespace

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > kLongestWord) return "";
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, std::min<std::size_t>(2, word.size() / 3)) + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string describe(const Type& type) { return std::visit(Describe{}, type.form); }

bool is_per_isa(const Node& node) {
  return std::any_of(node.keys.begin(), node.keys.end(),
                     [](const Node& key) { return isa::from_name(key.text).has_value(); });
}

std::vector<Problem> validate(const Node& root, const Type& type, const std::vector<isa::Isa>& isas,
                              const std::string& file, const std::string& what) {
  Validator validator(isas, file);
  validator.check(root, type, what);
  return validator.take();
}

}  // namespace trapline::scenario::schema
