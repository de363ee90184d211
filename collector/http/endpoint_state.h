// What the endpoints share behind the handler, and the helpers they answer with.
#pragma once

#include <google/protobuf/message.h>
#include <prometheus/gauge.h>

#include <functional>
#include <string>

#include "collector/http/basic_auth.h"
#include "collector/http/endpoints.h"
#include "collector/http/one_at_a_time.h"
#include "collector/http/rate_limiter.h"
#include "collector/http/routes.h"
#include "collector/http/shared_answer.h"
#include "collector/http/work_pool.h"

namespace muster::collector::http {

struct EndpointState {
  EndpointState(EndpointContext& endpoint_context, std::span<const Route> table);

  EndpointContext& context;
  const std::span<const Route> routes;
  // All before `work`, whose threads make them.
  SharedAnswer fleet_text{work};
  SharedAnswer fleet_openmetrics{work};
  // /metrics/targets, likewise.
  SharedAnswer targets_text{work};
  SharedAnswer targets_openmetrics{work};
  // /api/v1/updates: every host's packages are walked for it.
  SharedAnswer updates{work};
  // /api/v1/expiry: every host's certificates are parsed for it, for each who asks.
  OneAtATime calendars{work, 16};
  // Before `auth`, so that it is destroyed after: a password's check goes on to work here.
  WorkPool work{2, 64};
  BasicAuth auth;
  // Enrolments per address: 20 at once, then one every 3 seconds.
  RateLimiter enrolments;
  // The same for those who come back with a certificate that has ended.
  RateLimiter reenrolments;
  prometheus::Gauge& scrape_duration;
};

// Answers with what `make` makes, on a thread where it may take long; 503 if too many wait.
void answer_later(Call&& call, std::function<Response(Call&)> make);

// The same of a kind of which one is made after the other.
void answer_in_turn(OneAtATime& turns, Call&& call, std::function<Response(Call&)> make);

// The message as JSON with proto field names, fields without a value included.
Response json_response(const google::protobuf::Message& message);

// Reads a JSON body. InvalidArgument with what is wrong in it. Fields that are not known are an
// error, or (for what a newer agent may send) left out.
absl::Status read_json(const Request& request, google::protobuf::Message& message,
                       bool ignore_unknown_fields);

// The endpoints, by file.
// metrics_endpoints.cpp
void get_metrics(Call&& call);
void get_self_metrics(Call&& call);
void get_target_metrics(Call&& call);
void get_sd_hosts(Call&& call);
// target_endpoints.cpp
void get_targets(Call&& call);
void get_target(Call&& call);
void get_sd_targets(Call&& call);
// fleet_endpoints.cpp
void get_hosts(Call&& call);
void get_host(Call&& call);
void get_host_verdicts(Call&& call);
void get_host_updates(Call&& call);
void get_updates(Call&& call);
void get_inventory(Call&& call);
void get_policy(Call&& call);
// expiry_endpoints.cpp
void get_expiry(Call&& call);
void get_expiry_calendar(Call&& call);
void get_expiry_csv(Call&& call);
// policy_endpoints.cpp
void post_policy_preview(Call&& call);
void post_explain(Call&& call);
// enrol_endpoints.cpp
void post_enrol(Call&& call);
void post_token(Call&& call);
void post_token_revoke(Call&& call);
void get_tokens(Call&& call);
// host_endpoints.cpp
void post_host_revoke(Call&& call);
void post_host_release(Call&& call);
void post_host_rename(Call&& call);
void post_host_remove(Call&& call);
// ca_endpoints.cpp
void get_ca(Call&& call);
void post_ca_prepare(Call&& call);
void post_ca_activate(Call&& call);
void post_ca_retire(Call&& call);
void post_backup(Call&& call);
// reenrol_endpoint.cpp
void post_reenrol(Call&& call);
// health_endpoints.cpp
void get_index(Call&& call);
void get_healthy(Call&& call);
void get_ready(Call&& call);
void post_reload(Call&& call);
// runbook_endpoints.cpp
void get_runbooks(Call&& call);
void get_runbook(Call&& call);

}  // namespace muster::collector::http
