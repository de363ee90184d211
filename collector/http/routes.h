// Which endpoint a request is for. The table itself is in endpoints.cpp. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "collector/http/message.h"

namespace muster::collector::http {

struct EndpointState;

// A request on its way to its endpoint.
struct Call {
  EndpointState& state;
  Request request;
  // What stood for {name} or {rest} in the path.
  std::string name;
  Respond respond;
};

enum class Access {
  // Anybody: enrolment (the token is the permission), health, and the runbooks.
  kAnybody,
  // A user, or without users whoever is on this machine.
  kOperator,
  // The administration socket only.
  kAdministrator,
};

inline constexpr std::string_view kAnyParameters = "*";

struct Route {
  std::string_view method;
  // A last segment "{name}", or one in the middle, stands for any one segment, and a last "{rest}"
  // for one or more.
  std::string_view path;
  // The query parameter it takes, one of several as "host|target"; empty: none; kAnyParameters: the
  // endpoint looks at them itself.
  std::string_view parameter;
  Access access = Access::kOperator;
  // Whether it shows or changes the fleet, which is not there before it is loaded.
  bool needs_fleet = true;
  void (*run)(Call&& call) = nullptr;
  // For the index; empty: not listed.
  std::string_view description;
};

struct RouteMatch {
  // The route of the path and method, if there is one; HEAD is served as GET.
  const Route* route = nullptr;
  // A route of the path, whatever its methods.
  const Route* any_method = nullptr;
  std::string name;
  // Where in the path that begins for which {rest} stands: there slashes may be escapes. npos where
  // the route has none.
  size_t rest = std::string::npos;
};

RouteMatch find_route(std::span<const Route> routes, std::string_view method,
                      std::string_view path);

bool takes_parameter(const Route& route, std::string_view name);

// For 405: "GET, HEAD, POST".
std::string allowed_methods(std::span<const Route> routes, std::string_view path);

// Lines of path and description.
std::string render_index(std::span<const Route> routes);

}  // namespace muster::collector::http
