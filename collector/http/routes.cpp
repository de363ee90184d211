#include "collector/http/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace muster::collector::http {
namespace {

constexpr std::string_view kRest = "{rest}";

// What stands for {name} or {rest}, or nullopt if the path is another one's. "" where there is no
// such.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  constexpr std::string_view kName = "{name}";
  static_assert(kName.size() == kRest.size());
  const bool is_rest = pattern.ends_with(kRest);
  const size_t at = pattern.find(is_rest ? kRest : kName);
  if (at == std::string_view::npos) {
    return pattern == path ? std::optional<std::string>("") : std::nullopt;
  }
  const std::string_view before = pattern.substr(0, at);
  const std::string_view after = pattern.substr(at + kName.size());
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
      !path.ends_with(after)) {
    return std::nullopt;
  }
  const std::string_view name =
      path.substr(before.size(), path.size() - before.size() - after.size());
  if (!is_rest && name.find('/') != std::string_view::npos) return std::nullopt;
  return std::string(name);
}

}  // namespace

RouteMatch find_route(std::span<const Route> routes, std::string_view method,
                      std::string_view path) {
  RouteMatch result;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Route& route : routes) {
    std::optional<std::string> name = match(route.path, path);
    if (!name) continue;
    result.any_method = &route;
    result.rest = route.path.find(kRest);
    if (route.method != wanted) continue;
    result.route = &route;
    result.name = *std::move(name);
    return result;
  }
  return result;
}

bool takes_parameter(const Route& route, std::string_view name) {
  std::string_view rest = route.parameter;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find('|'));
    if (one == name) return true;
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
  }
  return false;
}

std::string allowed_methods(std::span<const Route> routes, std::string_view path) {
  std::string methods;
  for (const Route& route : routes) {
    if (!match(route.path, path)) continue;
    if (!methods.empty()) methods += ", ";
    methods += route.method;
    if (route.method == "GET") methods += ", HEAD";
  }
  return methods;
}

std::string render_index(std::span<const Route> routes) {
  std::string text = "Muster collector\n\n";
  for (const Route& route : routes) {
    if (route.description.empty()) continue;
    const std::string path =
        std::string(route.path) + (route.parameter.empty() ? ""
                                   : route.parameter == kAnyParameters
                                       ? "[?…]"
                                       : fmt::format("[?{}=NAME]", route.parameter));
    text += fmt::format("{:<5}{:<32}{}\n", route.method, path, route.description);
  }
  return text;
}

}  // namespace muster::collector::http
