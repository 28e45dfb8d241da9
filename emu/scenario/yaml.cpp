#include "emu/scenario/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "emu/scenario/utf8.hpp"

namespace trapline::scenario::yaml {
namespace {

// The lines of a text, to look at what a mark points to.
class Source {
 public:
  Source(std::string_view text, const std::string& file) : text_(text), file_(file) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
    }
  }

  // From the mark to the end of the text. Lines and columns count from 1.
  std::string_view from(std::size_t line, std::size_t column) const {
    if (line > starts_.size()) return {};
    return text_.substr(std::min(starts_[line - 1] + column - 1, text_.size()));
  }
  std::size_t lines() const { return starts_.size(); }
  std::string_view line(std::size_t number) const {
    const std::string_view rest = from(number, 1);
    return rest.substr(0, rest.find('\n'));
  }

  [[noreturn]] void fail(std::size_t line, std::size_t column, std::string message) const {
    throw InputError({file_, line, column}, std::move(message));
  }
  [[noreturn]] void fail_at_byte(std::size_t offset, std::string message) const {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const auto line = static_cast<std::size_t>(after - starts_.begin());
    fail(line, offset - starts_[line - 1] + 1, std::move(message));
  }

 private:
  std::string_view text_;
  const std::string& file_;
  std::vector<std::size_t> starts_;
};

// yaml-cpp takes a control character for the end of the file, and bytes that are no UTF-8 as they come.
void check_characters(std::string_view text, const Source& source) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_sequence(text.substr(i));
    if (length == 0) source.fail_at_byte(i, "not UTF-8; save the file in that encoding");
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
      source.fail_at_byte(i,
                          fmt::format("control character {:#04x}; remove it, or write it as \"\\x{:02x}\" in "
                                      "a text in double quotes",
                                      c, c));
    }
    i += length;
  }
}

bool quote_is_closed(std::string_view text) {
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 >= text.size() || text[i + 1] != '\'') return true;
      ++i;  // '' inside single quotes is one '
    }
  }
  return false;
}

// The value of a scalar as YAML 1.2 has it, section 5.7: yaml-cpp makes single bytes of the escapes \N
// (U+0085) and
// \_ (U+00A0), which are no UTF-8.
std::string with_whole_escapes(const std::string& value) {
  std::string text;
  for (std::string_view rest = value; !rest.empty();) {
    const std::size_t length = utf8_sequence(rest);
    if (length == 0) text += '\xc2';
    const std::size_t taken = std::max<std::size_t>(length, 1);
    text += rest.substr(0, taken);
    rest.remove_prefix(taken);
  }
  return text;
}

// Where on a line, from `column` on, something like `#DB` stands that YAML takes for a comment: a # after a
// blank, with a letter after it. 0: nowhere.
std::size_t comment_like_word(std::string_view line, std::size_t column) {
  for (std::size_t i = std::max<std::size_t>(column, 2) - 1; i + 1 < line.size(); ++i) {
    if (line[i] == '#' && (line[i - 1] == ' ' || line[i - 1] == '\t'))
      return std::isalpha(static_cast<unsigned char>(line[i + 1])) != 0 ? i + 1 : 0;
  }
  return 0;
}

std::string explain_comment(std::string_view line, std::size_t column) {
  const std::string_view rest = line.substr(column - 1);
  const std::string_view word = rest.substr(0, rest.find_first_of(" ,]}"));
  return fmt::format(
      "`{}` begins a comment in YAML, so that the rest of the line is gone; write \"{}\" in quotes",
      shown(word), shown(word));
}

// The line in which the brace or bracket at the start of `text` is closed, from 0; nothing where it is not.
std::optional<std::size_t> closed_after(std::string_view text) {
  std::size_t depth = 0;
  std::size_t lines = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++lines;
    if (quote != 0) {
      if (quote == '"' && c == '\\') ++i;
      if (c == quote) quote = 0;
      continue;
    }
    const bool after_blank = i > 0 && (text[i - 1] == ' ' || text[i - 1] == '\t' || text[i - 1] == '\n');
    if (c == '#' && after_blank) {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if ((c == '"' || c == '\'') && i > 0 &&
               (after_blank || text[i - 1] == '[' || text[i - 1] == '{')) {
      quote = c;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return lines;
    }
  }
  return std::nullopt;
}

// A brace or bracket that is open to the end of the file, for the comment that took its end away, or as it
// is.
void refuse_unclosed(const Source& source, const Node& open) {
  const std::string_view text = source.from(open.line, open.column);
  if (text.empty() || (text.front() != '{' && text.front() != '[') || closed_after(text)) return;
  for (std::size_t line = open.line; line <= source.lines(); ++line) {
    const std::size_t at = comment_like_word(source.line(line), line == open.line ? open.column : 1);
    if (at != 0) source.fail(line, at, explain_comment(source.line(line), at));
  }
  const bool map = text.front() == '{';
  source.fail(
      open.line, open.column,
      fmt::format("this '{}' is never closed: a '{}' or a ',' is missing", map ? '{' : '[', map ? '}' : ']'));
}

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const Source& source) : source_(source) {}

  bool has_document() const { return documents_ > 0; }
  // Where the text in quotes that came last begins: line and column.
  std::pair<std::size_t, std::size_t> quoted() const { return quoted_; }
  // The brace or bracket that is open where reading came to; null: none.
  const Node* open_flow() const {
    return !stack_.empty() && stack_.back().flow ? &stack_.back().node : nullptr;
  }
  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) fail(mark, "a second document; a scenario file holds one, so remove the `---`");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(make(Node::Kind::Null, mark));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    fail(mark, "aliases (*name) are not part of the format; write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    Node node = make(Node::Kind::Scalar, mark);
    node.plain = tag != "!";
    if (node.plain && (value == "~" || value == "null" || value.empty())) {
      node.kind = Node::Kind::Null;
    } else {
      node.text = with_whole_escapes(value);
      locate_content(node);
    }
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(Node::Kind::List, mark, tag, anchor, style == YAML::EmitterStyle::Flow);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(Node::Kind::Map, mark, tag, anchor, style == YAML::EmitterStyle::Flow);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    std::unordered_map<std::string, std::size_t> lines;  // of the keys so far
    bool flow = false;                                   // in braces or brackets
  };

  [[noreturn]] void fail(const YAML::Mark& mark, std::string message) const {
    const Node at = make(Node::Kind::Null, mark);
    source_.fail(at.line, at.column, std::move(message));
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != YAML::anchor_t{})
      fail(mark, "anchors (&name) are not part of the format; write the value out");
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.size() > 1) fail(mark, "tags (!name) are not part of the format; remove it");
  }

  static Node make(Node::Kind kind, const YAML::Mark& mark) {
    Node node;
    node.kind = kind;
    node.line = mark.is_null() ? 1 : static_cast<std::size_t>(mark.line) + 1;
    node.column = mark.is_null() ? 1 : static_cast<std::size_t>(mark.column) + 1;
    return node;
  }

  void locate_content(Node& node) {
    node.content_line = node.line;
    const std::string_view rest = source_.from(node.line, node.column);
    if (node.plain || rest.empty()) return;
    if (rest.front() == '"' || rest.front() == '\'') {
      if (!quote_is_closed(rest)) source_.fail(node.line, node.column, "this quote is never closed");
      quoted_ = {node.line, node.column};
    } else {
      ++node.content_line;
      locate_indent(node);
    }
  }

  // The first line that is not blank shows how far the block is indented.
  void locate_indent(Node& node) const {
    std::string_view rest = node.text;
    for (std::size_t line = node.content_line; !rest.empty(); ++line) {
      const std::string_view kept = rest.substr(0, rest.find('\n'));
      const std::size_t in_text = kept.find_first_not_of(' ');
      if (in_text != std::string_view::npos) {
        const std::size_t in_file = source_.line(line).find_first_not_of(' ');
        if (in_file != std::string_view::npos && in_file >= in_text) node.indent = in_file - in_text;
        return;
      }
      rest.remove_prefix(std::min(kept.size() + 1, rest.size()));
    }
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            bool flow) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (stack_.size() >= kMaxDepth) fail(mark, fmt::format("nested more than {} deep", kMaxDepth));
    refuse_as_key(mark);
    stack_.push_back({make(kind, mark), {}, flow});
  }
  void close() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    add(std::move(node));
  }

  bool wants_key() const {
    return !stack_.empty() && stack_.back().node.kind == Node::Kind::Map &&
           stack_.back().node.keys.size() == stack_.back().node.items.size();
  }
  void refuse_as_key(const YAML::Mark& mark) const {
    if (!wants_key()) return;
    const Node at = make(Node::Kind::Null, mark);
    refuse_unclosed(source_, at);
    fail(mark, "a key must be a word; a value with { or [ goes in quotes");
  }

  void add(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = stack_.back();
    if (wants_key()) {
      if (node.kind != Node::Kind::Scalar)
        source_.fail(node.line, node.column, "a key is missing before the ':'");
      const auto [first, fresh] = parent.lines.try_emplace(node.text, node.line);
      if (!fresh) {
        source_.fail(node.line, node.column,
                     fmt::format("`{}` is given twice, first in line {}; remove one", shown(node.text),
                                 first->second));
      }
      parent.node.keys.push_back(std::move(node));
      return;
    }
    if (node.kind == Node::Kind::Null && parent.node.kind == Node::Kind::Map) {
      // yaml-cpp marks an absent value where the next thing starts, which may be lines away.
      node.line = parent.node.keys.back().line;
      node.column = parent.node.keys.back().column;
      if (const std::size_t at = comment_like_word(source_.line(node.line), node.column); at != 0)
        source_.fail(node.line, at, explain_comment(source_.line(node.line), at));
    }
    parent.node.items.push_back(std::move(node));
  }

  const Source& source_;
  std::pair<std::size_t, std::size_t> quoted_{0, 0};
  Node root_;
  std::vector<Open> stack_;
  std::size_t documents_ = 0;
};

// yaml-cpp's words for the common mistakes, in ours.
std::string explain(const YAML::Exception& error) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kHints{{
      {"illegal map value",
       "a ':' where no key can be; check the indentation, or quote a text that has ': ' in it"},
      {"end of map not found", "this line's indentation fits no mapping above it, or a ':' is missing"},
      {"end of sequence not found", "this line's indentation fits no list above it, or a '-' is missing"},
      {"end of map flow not found", "a '}' or a ',' is missing"},
      {"end of sequence flow not found", "a ']' or a ',' is missing"},
      {"illegal EOF in scalar", "this quote is never closed"},
  }};
  for (const auto& [theirs, ours] : kHints) {
    if (error.msg == theirs) return std::string(ours);
  }
  return fmt::format("not YAML: {}", error.msg);
}

// A brace or bracket that is open where YAML stops making sense: told where it was opened, since the rest of
// the file may have been taken for what is in it.
void fail_if_open(const Source& source, const TreeBuilder& builder, std::size_t noticed) {
  const Node* const open = builder.open_flow();
  if (open == nullptr) return;
  for (std::size_t line = open->line; line <= noticed; ++line) {
    const std::size_t at = comment_like_word(source.line(line), line == open->line ? open->column : 1);
    if (at != 0) source.fail(line, at, explain_comment(source.line(line), at));
  }
  const bool map = open->kind == Node::Kind::Map;
  source.fail(open->line, open->column,
              fmt::format("this {} is never closed: a {} or a ',' is missing, at line {} at the latest",
                          map ? "'{'" : "'['", map ? "'}'" : "']'", noticed));
}

[[noreturn]] void fail_as_yaml(const Source& source, const YAML::Exception& error,
                               const TreeBuilder& builder) {
  const std::size_t line = error.mark.is_null() ? 1 : static_cast<std::size_t>(error.mark.line) + 1;
  const std::size_t column = error.mark.is_null() ? 1 : static_cast<std::size_t>(error.mark.column) + 1;
  const std::string_view text = source.line(line);
  const std::size_t tab = text.substr(0, text.find_first_not_of(" \t")).find('\t');
  if (tab != std::string_view::npos) {
    source.fail(line, tab + 1, "a tab in the indentation; YAML wants spaces there");
  }
  constexpr std::array<std::string_view, 3> kUnclosed{"end of map flow not found",
                                                      "end of sequence flow not found", "illegal map value"};
  if (std::ranges::find(kUnclosed, std::string_view(error.msg)) != kUnclosed.end())
    fail_if_open(source, builder, line);
  // A text over several lines that ends where the next one begins.
  if (const auto [from, at] = builder.quoted();
      from != 0 && from < line && column > 1 && text[column - 2] == '"') {
    source.fail(
        from, at,
        fmt::format("the text in these quotes goes on to line {}, where what follows makes no sense; is a "
                    "quote missing?",
                    line));
  }
  source.fail(line, column, explain(error));
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].text == key) return &items[i];
  }
  return nullptr;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kShown = 40;
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.size() > kShown) {
    std::size_t end = kShown;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80)
      --end;  // inside a UTF-8 sequence
    line = line.substr(0, end);
  }
  std::string result(line);
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return line.size() < text.size() ? result + "…" : result;
}

Node parse(std::string_view text, const std::string& file) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const Source source(text, file);
  if (text.size() > kMaxBytes) {
    source.fail(1, 1, fmt::format("the file is longer than {} KiB", kMaxBytes >> 10));
  }
  check_characters(text, source);

  TreeBuilder builder(source);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    fail_as_yaml(source, error, builder);
  }
  if (!builder.has_document()) source.fail(1, 1, "the file is empty");
  Node root = builder.take();
  if (root.kind == Node::Kind::Null) source.fail(1, 1, "the file is empty");
  return root;
}

}  // namespace trapline::scenario::yaml
