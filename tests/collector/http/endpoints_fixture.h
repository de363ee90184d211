// The endpoints of the collector as tests ask them: over a real fleet with a store in memory,
// without a socket.
#pragma once

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "collector/http/access.h"
#include "collector/http/endpoint_state.h"
#include "collector/http/endpoints.h"
#include "collector/http/shared_body.h"
#include "tests/collector/fakes.h"

namespace muster::collector::http {

// With two hosts that have not reported.
class Endpoints : public testing::Test {
 protected:
  Endpoints()
      : authorities_(*CertificateAuthority::load(
            *CertificateAuthority::generate("muster.test", clock_.now()), "muster.test")),
        fleet_(clock_, store_, std::make_shared<policy::Policy>()),
        enrolment_(clock_, store_, fleet_, authorities_, turns_, {"a.test:8433"},
                   "https://a.test:8443") {
    add_host("0123456789abcdef0123456789abcdef", "web1");
    add_host("fedcba9876543210fedcba9876543210", "db \"1\"");
  }

  void add_host(const std::string& id, const std::string& name) {
    HostRecord host;
    host.id = id;
    host.name = name;
    host.labels = {{"role", "web"}, {"odd-name", "x"}};
    host.enrolled_at = clock_.now();
    fleet_.add_host(host);
  }

  static Request request_for(const std::string& method, const std::string& path) {
    Request request;
    request.method = method;
    request.path = path;
    request.peer = "127.0.0.1";
    request.from_loopback = true;
    return request;
  }

  Response ask(const Handler& handler, Request request) {
    std::promise<Response> answer;
    handler(std::move(request),
            [&answer](Response response) { answer.set_value(std::move(response)); });
    Response response = answer.get_future().get();
    if (response.shared_body != nullptr) response.body = *response.shared_body->text();
    return response;
  }
  Response ask(Request request) { return ask(make_endpoints(context_), std::move(request)); }
  Response get(const std::string& path) { return ask(request_for("GET", path)); }

  Response administer(const std::string& method, const std::string& path,
                      const std::string& body = "") {
    Request request = request_for(method, path);
    request.peer = "unix";
    request.from_administration_socket = true;
    request.body = body;
    return ask(make_administration_endpoints(context_), std::move(request));
  }

  static std::string header_of(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  FakeClock clock_;
  FakeStore store_;
  Authorities authorities_;
  Fleet fleet_;
  HostTurns turns_;
  Enrolment enrolment_;
  prometheus::Registry registry_;
  bool ready_ = true;
  absl::StatusOr<std::string> reload_ = std::string();
  EndpointContext context_{.fleet = fleet_,
                           .enrolment = enrolment_,
                           .registry = registry_,
                           .clock = clock_,
                           .ready = [this] { return ready_; },
                           .reload = [this] { return reload_; },
                           .policy_text = [] { return std::string("controls: []\n"); },
                           .users = {},
                           .advertised_address = "a.test:8443",
                           .tls = true};
};

}  // namespace muster::collector::http
