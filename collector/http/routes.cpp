#include "collector/http/routes.h"

#include <fmt/format.h>

#include <optional>

namespace muster::collector::http {
namespace {

// What stands for {name}, or nullopt if the path is another one's. "" where there is no {name}.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  constexpr std::string_view kName = "{name}";
  const size_t at = pattern.find(kName);
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
  if (name.find('/') != std::string_view::npos) return std::nullopt;
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
    if (route.method != wanted) continue;
    result.route = &route;
    result.name = *std::move(name);
    return result;
  }
  return result;
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
        std::string(route.path) +
        (route.parameter.empty() ? "" : fmt::format("[?{}=NAME]", route.parameter));
    text += fmt::format("{:<5}{:<32}{}\n", route.method, path, route.description);
  }
  return text;
}

}  // namespace muster::collector::http
