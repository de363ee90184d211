#include "agent/probes/packages_apk/apk_world.h"

#include <algorithm>
#include <utility>

#include "agent/probes/packages_apk/apk_version.h"

namespace muster::packages_apk {
namespace {

constexpr std::string_view kOperators = "<>=~";

void take_word(std::string_view word, std::map<std::string, Wish>& world) {
  if (word.empty() || word.front() == '!') return;
  const size_t name_end = std::min(word.find_first_of("@<>=~"), word.size());
  const std::string name(word.substr(0, name_end));
  if (name.empty()) return;
  Wish& wish = world[name];
  wish.text += (wish.text.empty() ? "" : " ") + std::string(word);
  std::string_view rest = word.substr(name_end);
  if (rest.starts_with('@')) {
    const size_t end = std::min(rest.find_first_of(kOperators), rest.size());
    wish.tags.emplace(rest.substr(1, end - 1));
    rest.remove_prefix(end);
  }
  const size_t version = std::min(rest.find_first_not_of(kOperators), rest.size());
  if (version == 0) return;
  wish.bounds.push_back({std::string(rest.substr(0, version)), std::string(rest.substr(version))});
}

bool allows(const Wish::Bound& bound, std::string_view version) {
  if (bound.operation == "><") return false;
  const int order = compare_versions(version, bound.version);
  for (const char c : bound.operation) {
    if (c == '<' && order < 0) return true;
    if (c == '>' && order > 0) return true;
    if (c == '=' && order == 0) return true;
    if (c == '~' && begins_with_version(version, bound.version)) return true;
  }
  return false;
}

}  // namespace

std::map<std::string, Wish> parse_world(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  std::map<std::string, Wish> world;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    if (text.empty()) return world;
    const size_t end = std::min(text.find_first_of(kSpace), text.size());
    take_word(text.substr(0, end), world);
    text.remove_prefix(end);
  }
}

bool allows(const Wish& wish, std::string_view version) {
  return std::all_of(wish.bounds.begin(), wish.bounds.end(),
                     [version](const Wish::Bound& bound) { return allows(bound, version); });
}

bool is_held(const Wish& wish) {
  return std::any_of(wish.bounds.begin(), wish.bounds.end(), [](const Wish::Bound& bound) {
    return bound.operation == "><" || bound.operation.find('>') == std::string::npos;
  });
}

}  // namespace muster::packages_apk
