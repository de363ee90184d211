#include "agent/probes/antivirus/clamav_scan_command.h"

#include <algorithm>
#include <array>

#include "agent/probes/protection/scheduled_jobs.h"
#include "agent/probes/protection/text_lines.h"

namespace muster::antivirus {
namespace {

using protection::take_word;
using Scope = ScanCommand::Scope;

// clamscan(1), clamdscan(1): those whose value may be the next word.
constexpr std::array<std::string_view, 13> kWithValue = {
    "-l",           "--log",         "-d",        "--database",    "-f",        "--file-list",
    "--exclude",    "--exclude-dir", "--include", "--include-dir", "--tempdir", "-c",
    "--config-file"};
// With which they look at nothing.
constexpr std::array<std::string_view, 6> kNoScan = {"-V",     "--version", "-h",
                                                     "--help", "--reload",  "--ping"};

template <typename List>
bool is_one_of(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string_view without_quotes(std::string_view word) {
  while (word.starts_with('"') || word.starts_with('\''))
    word.remove_prefix(1);
  while (word.ends_with('"') || word.ends_with('\''))
    word.remove_suffix(1);
  return word;
}

// What a shell would take for its own, and is part of a regular expression.
constexpr std::string_view kShells = ";|&() ";
constexpr std::string_view kHidden = "\1\2\3\4\5\6";

void exchange(std::string& text, size_t from, size_t to, std::string_view what,
              std::string_view with) {
  for (size_t at = from; at < std::min(to, text.size()); ++at) {
    const size_t found = what.find(text[at]);
    if (found != std::string_view::npos) text[at] = with[found];
  }
}

// Hides such characters in the values of --exclude and --include: between quotes, or up to the next
// space, as in units of systemd's, which has no shell.
void hide_expressions(std::string& text) {
  for (const std::string_view option : {"--exclude", "--include"}) {
    for (size_t at = text.find(option); at != std::string::npos; at = text.find(option, at)) {
      at = std::min(text.find_first_of("= \t\n", at), text.size() - 1) + 1;
      if (at >= text.size()) break;
      const bool is_quoted = text[at] == '"' || text[at] == '\'';
      const size_t end = is_quoted ? text.find(text[at], at + 1) : text.find_first_of(" \t\n", at);
      if (is_quoted) {
        exchange(text, at, end, kShells, kHidden);
      } else {
        exchange(text, at, end, "|()", "\2\4\5");
      }
    }
  }
}

// One call, from behind the program's name on.
class Call {
 public:
  explicit Call(bool is_always_recursive) : is_recursive_(is_always_recursive) {}

  void take(std::string_view words, ScanCommand& command) {
    while (!words.empty()) {
      const std::string_view word = without_quotes(take_word(words));
      if (word.find('>') != std::string_view::npos) {
        if (word.ends_with('>')) take_word(words);
      } else if (word.starts_with('-')) {
        take_option(word, words, command);
      } else {
        take_path(word);
      }
    }
    if (looks_at_nothing_) return;
    command.scope = command.is_scan ? wider(command.scope, scope()) : scope();
    command.is_scan = true;
    command.has_variables = command.has_variables || has_variables_;
  }

 private:
  // What cannot be seen may be wider than parts.
  static Scope wider(Scope one, Scope other) {
    if (one == Scope::kFull || other == Scope::kFull) return Scope::kFull;
    return one == Scope::kParts ? other : one;
  }

  Scope scope() const {
    if (has_root_ && is_recursive_ && !is_restricted_) return Scope::kFull;
    return has_variables_ || has_list_ || !has_path_ ? Scope::kUnknown : Scope::kParts;
  }

  void take_option(std::string_view word, std::string_view& words, ScanCommand& command) {
    const size_t equals = std::min(word.find('='), word.size());
    const std::string_view name = word.substr(0, equals);
    std::string_view value = word.substr(std::min(equals + 1, word.size()));
    if (equals == word.size() && is_one_of(kWithValue, name)) value = take_word(words);
    value = without_quotes(value);
    looks_at_nothing_ = looks_at_nothing_ || is_one_of(kNoScan, name);
    if (name == "-l" || name == "--log") command.log = value;
    if (name == "-f" || name == "--file-list") has_list_ = true;
    if (name == "--include" || name == "--include-dir") is_restricted_ = true;
    if (name == "--exclude" || name == "--exclude-dir") {
      std::string& exclusion = command.exclusions.emplace_back(value);
      exchange(exclusion, 0, exclusion.size(), kHidden, kShells);
    }
    // "-ri"; "--recursive=no".
    const bool is_short = !name.starts_with("--") && !is_one_of(kWithValue, name);
    if (is_short && name.find('r') != std::string_view::npos) is_recursive_ = true;
    if (name == "--recursive") is_recursive_ = value != "no";
  }

  void take_path(std::string_view word) {
    if (word.find('$') != std::string_view::npos) {
      has_variables_ = true;
    } else {
      has_path_ = true;
      has_root_ = has_root_ || word == "/" || word == "/*";
    }
  }

  bool is_recursive_ = false;
  bool looks_at_nothing_ = false;
  bool is_restricted_ = false;
  bool has_variables_ = false;
  bool has_list_ = false;
  bool has_path_ = false;
  bool has_root_ = false;
};

// Several lines of a script that are one, with nothing of a value's that would end a command.
std::string joined(std::string_view script) {
  std::string text(script);
  for (size_t at = text.find("\\\n"); at != std::string::npos; at = text.find("\\\n", at))
    text.replace(at, 2, "  ");
  hide_expressions(text);
  return text;
}

}  // namespace

ScanCommand parse_scan_command(std::string_view script) {
  ScanCommand command;
  const std::string text = joined(script);
  std::string_view left = text;
  while (!left.empty()) {
    std::string_view line = protection::take_line(left);
    while (!line.empty()) {
      std::string_view words = protection::take_command(line);
      while (!words.empty()) {
        const std::string_view word = without_quotes(take_word(words));
        const bool is_daemons = word.ends_with("clamdscan");
        if (!is_daemons && !word.ends_with("clamscan")) continue;
        Call(is_daemons).take(words, command);
        break;
      }
    }
  }
  if (!command.log.starts_with('/')) command.log.clear();
  return command;
}

}  // namespace muster::antivirus
