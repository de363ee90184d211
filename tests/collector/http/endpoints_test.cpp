#include "collector/http/endpoints.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <prometheus/counter.h>

#include <string>

#include "collector/http/shared_body.h"
#include "tests/collector/http/endpoints_fixture.h"
#include "tests/collector/signing_requests.h"

namespace muster::collector::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// The password is "secret".
constexpr const char* kHash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

TEST_F(Endpoints, ShowTheFleetInThePlainFormatUnlessAskedOtherwise) {
  Response plain = get("/metrics");
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(plain.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(plain.body, HasSubstr("muster_host_reporting{host=\"web1\"} 0\n"));
  EXPECT_THAT(plain.body, HasSubstr("# TYPE muster_collector_scrape_duration_seconds gauge\n"));
  EXPECT_THAT(plain.body, Not(HasSubstr("# EOF")));
  EXPECT_EQ(header_of(plain, "Vary"), "Accept");

  Request request = request_for("GET", "/metrics");
  request.headers["accept"] = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
  const Response openmetrics = ask(request);
  EXPECT_EQ(openmetrics.content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_THAT(openmetrics.body, HasSubstr("muster_host_reporting{host=\"web1\"} 0\n"));
  EXPECT_THAT(openmetrics.body, EndsWith("\n# EOF\n"));
  EXPECT_EQ(openmetrics.body.find("# EOF"), openmetrics.body.rfind("# EOF"));
}

TEST_F(Endpoints, ShowTheCollectorAlone) {
  const Response response = get("/metrics/self");
  EXPECT_THAT(response.body, HasSubstr("muster_collector_scrape_duration_seconds"));
  EXPECT_THAT(response.body, Not(HasSubstr("muster_host_")));
}

TEST_F(Endpoints, ShowOneHost) {
  Request request = request_for("GET", "/metrics");
  request.query = {{"host", "web1"}};
  const Response response = ask(request);
  EXPECT_EQ(response.status, 200) << "also when it is silent";
  EXPECT_THAT(response.body, HasSubstr("muster_host_reporting{host=\"web1\"} 0\n"));
  EXPECT_THAT(response.body, Not(HasSubstr("db")));
  EXPECT_THAT(response.body, Not(HasSubstr("muster_collector_")));
  request.query = {{"host", "nobody"}};
  EXPECT_EQ(ask(request).status, 404);
  request.query = {{"host", ""}};
  EXPECT_EQ(ask(request).status, 404);
  request.query = {{"hots", "web1"}};
  EXPECT_EQ(ask(request).status, 400);
  request.query = {{"host", "web1"}, {"host", "web2"}};
  EXPECT_EQ(ask(request).status, 400);
  request = request_for("GET", "/api/v1/hosts");
  request.query = {{"host", "web1"}};
  EXPECT_EQ(ask(request).status, 400);
}

TEST_F(Endpoints, HaveNoMetricsOfTargetsWhereThereAreNone) {
  const Response response = get("/metrics/targets");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
}

TEST_F(Endpoints, ListTargetsForPrometheus) {
  const Response response = get("/sd/hosts");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  google::protobuf::ListValue groups;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(response.body, &groups).ok())
      << response.body;
  ASSERT_EQ(groups.values_size(), 2);
  const auto& group = groups.values(1).struct_value().fields();
  EXPECT_EQ(group.size(), 2) << "Prometheus refuses fields that it does not know";
  ASSERT_EQ(group.at("targets").list_value().values_size(), 1);
  EXPECT_EQ(group.at("targets").list_value().values(0).string_value(), "a.test:8443");
  std::map<std::string, std::string> labels;
  for (const auto& [name, value] : group.at("labels").struct_value().fields()) {
    labels[name] = value.string_value();
  }
  EXPECT_EQ(labels, (std::map<std::string, std::string>{
                        {"__scheme__", "https"},
                        {"__metrics_path__", "/metrics"},
                        {"__param_host", "web1"},
                        {"instance", "web1"},
                        {"__meta_muster_host", "web1"},
                        {"__meta_muster_host_id", "0123456789abcdef0123456789abcdef"},
                        {"__meta_muster_label_role", "web"},
                        {"__meta_muster_label_odd_name", "x"}}));
}

TEST_F(Endpoints, AnswerWithAnEmptyListWhereThereAreNoHosts) {
  Fleet fleet(clock_, store_, std::make_shared<policy::Policy>());
  EndpointContext context{.fleet = fleet,
                          .enrolment = enrolment_,
                          .registry = registry_,
                          .clock = clock_,
                          .ready = [] { return true; },
                          .reload = [] { return std::string(); },
                          .policy_text = [] { return std::string(); },
                          .users = {},
                          .advertised_address = "a.test:8443",
                          .tls = false};
  EXPECT_EQ(ask(make_endpoints(context), request_for("GET", "/sd/hosts")).body, "[]\n");
  EXPECT_EQ(ask(make_endpoints(context), request_for("GET", "/api/v1/hosts")).body,
            "{\"hosts\":[]}\n");
}

TEST_F(Endpoints, ShowHowTheInventoryComparesWithTheHosts) {
  EXPECT_EQ(get("/api/v1/inventory").body,
            "{\"sources\":[],\"hosts\":0,\"missing\":[],\"unlisted\":[]}\n");
  v1::InventorySource source;
  source.set_name("hosts.csv");
  context_.inventory_sources = [source] { return std::vector{source}; };
  fleet_.set_inventory(
      std::make_shared<const Inventory>(Inventory::Hosts{{"mail1", {{"site", "fra"}}}}));
  const std::string body = get("/api/v1/inventory").body;
  EXPECT_THAT(body, HasSubstr(R"("name":"hosts.csv")"));
  EXPECT_THAT(body, HasSubstr(R"("hosts":1,"missing":[{"name":"mail1","labels":{"site":"fra"}}],)"
                              R"("unlisted":["db \"1\"","web1"]})"));
}

TEST_F(Endpoints, ShowThePolicyAsItIsWritten) {
  const Response response = get("/api/v1/policy");
  EXPECT_EQ(response.content_type, "application/yaml; charset=utf-8");
  EXPECT_EQ(response.body, "controls: []\n");
}

TEST_F(Endpoints, ListThemselves) {
  const Response response = get("/");
  EXPECT_THAT(response.body, HasSubstr("GET  /metrics[?host|target=NAME]"));
  EXPECT_THAT(response.body, Not(HasSubstr("/admin")));
}

TEST_F(Endpoints, RefuseWhatIsNotThere) {
  EXPECT_EQ(get("/nothing").status, 404);
  EXPECT_EQ(get("/admin/v1/token").status, 404) << "the verbs are not on this port";
  const Response response = ask(request_for("DELETE", "/metrics"));
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(header_of(response, "Allow"), "GET, HEAD");
  EXPECT_EQ(header_of(ask(request_for("GET", "/-/reload")), "Allow"), "POST, PUT");
  EXPECT_EQ(ask(request_for("HEAD", "/metrics")).status, 200);
  EXPECT_EQ(ask(request_for("get", "/metrics")).status, 405);
}

TEST_F(Endpoints, SayWhetherTheCollectorIsReady) {
  EXPECT_EQ(get("/-/healthy").status, 200);
  EXPECT_EQ(get("/-/ready").status, 200);
  ready_ = false;
  EXPECT_EQ(get("/-/healthy").status, 200);
  EXPECT_EQ(get("/-/ready").status, 503);
  EXPECT_EQ(get("/metrics").status, 503) << "an empty fleet would end every series";
  EXPECT_EQ(get("/sd/hosts").status, 503) << "and every target";
  EXPECT_EQ(get("/metrics/self").status, 200);
}

TEST_F(Endpoints, ShowTheRunbookOfAnAlertWhateverTheFleetDoes) {
  ready_ = false;
  const Response page = get("/runbooks/MusterHostSilent");
  EXPECT_EQ(page.content_type, "text/plain; charset=utf-8") << "browsers show it";
  EXPECT_THAT(page.body, StartsWith("# MusterHostSilent\n"));
  const Response none = get("/runbooks/MusterHostSilen");
  EXPECT_EQ(none.status, 404);
  EXPECT_THAT(none.body, HasSubstr("GET /runbooks lists"));
  EXPECT_EQ(ask(request_for("POST", "/runbooks/MusterHostSilent")).status, 405);
}

TEST_F(Endpoints, ReloadOrSayWhyNot) {
  EXPECT_EQ(ask(request_for("POST", "/-/reload")).body, "Reloaded.\n");
  EXPECT_EQ(ask(request_for("PUT", "/-/reload")).status, 200);
  reload_ = absl::InvalidArgumentError("policy.yml:3:1: no such rule");
  const Response response = ask(request_for("POST", "/-/reload"));
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, HasSubstr("{\"error\":\"policy.yml:3:1: no such rule\""));
  reload_ = std::string("collector.yml has changed");
  EXPECT_EQ(ask(request_for("POST", "/-/reload")).body, "Reloaded.\ncollector.yml has changed\n");
}

TEST_F(Endpoints, AnswerOnlyOnThisMachineWithoutUsers) {
  for (const char* path :
       {"/", "/metrics", "/sd/hosts", "/api/v1/hosts", "/-/reload", "/nothing"}) {
    Request request = request_for("GET", path);
    request.from_loopback = false;
    request.peer = "192.0.2.1";
    const Response response = ask(request);
    EXPECT_EQ(response.status, 403) << path;
    EXPECT_THAT(response.body, HasSubstr("basic_auth_users"));
  }
  for (const char* path : {"/-/healthy", "/-/ready", "/runbooks", "/runbooks/MusterHostSilent"}) {
    Request request = request_for("GET", path);
    request.from_loopback = false;
    EXPECT_EQ(ask(request).status, 200) << path;
  }
  Request enrolment = request_for("POST", "/api/v1/enroll");
  enrolment.from_loopback = false;
  EXPECT_EQ(ask(enrolment).status, 400) << "it is looked at";
}

TEST(IsLocal, DoesNotTakeAProxysWordForThisMachine) {
  Request request;
  EXPECT_FALSE(is_local(request));
  request.from_loopback = true;
  EXPECT_TRUE(is_local(request));
  for (const char* header : {"x-forwarded-for", "forwarded", "x-real-ip", "via"}) {
    Request proxied = request;
    proxied.headers[header] = "192.0.2.1";
    EXPECT_FALSE(is_local(proxied)) << header;
  }
  request.from_administration_socket = true;
  request.headers["via"] = "x";
  EXPECT_TRUE(is_local(request));
}

TEST_F(Endpoints, WantAPasswordOnceThereAreUsers) {
  context_.users = {{"prometheus", kHash}};
  const Handler handler = make_endpoints(context_);
  Request request = request_for("GET", "/metrics");
  const Response none = ask(handler, request);
  EXPECT_EQ(none.status, 401) << "on loopback too";
  EXPECT_THAT(header_of(none, "WWW-Authenticate"), StartsWith("Basic "));
  request.from_loopback = false;
  request.headers["authorization"] = "Basic cHJvbWV0aGV1czpzZWNyZXQ=";
  EXPECT_EQ(ask(handler, request).status, 200);
  request.headers["authorization"] = "Basic cHJvbWV0aGV1czpTZWNyZXQ=";
  EXPECT_EQ(ask(handler, request).status, 401);
  EXPECT_EQ(ask(handler, request_for("GET", "/-/healthy")).status, 200);
  EXPECT_EQ(ask(handler, request_for("GET", "/runbooks/MusterHostSilent")).status, 200);
  EXPECT_EQ(ask(handler, request_for("GET", "/nothing")).status, 401);
}

TEST_F(Endpoints, EnrolAHostWithATokenFromTheSocket) {
  const Response made =
      administer("POST", "/admin/v1/token", R"({"lifetime_seconds": 3600, "uses": 1})");
  ASSERT_EQ(made.status, 200) << made.body;
  v1::CreateTokenResponse token;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(made.body, &token).ok());
  const Response listed = administer("GET", "/admin/v1/token");
  EXPECT_THAT(listed.body, HasSubstr(token.summary().id()));
  EXPECT_THAT(listed.body, Not(HasSubstr(token.token())));

  v1::EnrolRequest enrol;
  enrol.set_token(token.token());
  enrol.set_hostname("new1");
  enrol.set_certificate_signing_request(make_signing_request().pem);
  Request request = request_for("POST", "/api/v1/enroll");
  request.from_loopback = false;
  google::protobuf::util::MessageToJsonString(enrol, &request.body);
  const Response enrolled = ask(request);
  ASSERT_EQ(enrolled.status, 200) << enrolled.body;
  EXPECT_THAT(enrolled.body, HasSubstr("\"host\":\"new1\""));
  EXPECT_THAT(enrolled.body, HasSubstr("\"host_id\":\""));
  EXPECT_EQ(ask(request).status, 403) << "the token is used up";
  EXPECT_EQ(administer("GET", "/admin/v1/hosts/new1").status, 200);
  EXPECT_THAT(administer("GET", "/admin/v1/hosts").body, HasSubstr("new1"));
  EXPECT_EQ(administer("GET", "/admin/v1/policy").status, 200);
}

TEST_F(Endpoints, RefuseAnEnrolmentThatIsNone) {
  struct Row {
    const char* body;
    const char* type;
    int status;
  };
  for (const Row& row : std::vector<Row>{{"", "application/json", 400},
                                         {"{", "application/json", 400},
                                         {"[]", "application/json", 400},
                                         {R"({"token": 5})", "application/json", 400},
                                         {R"({"token": "x"})", "text/plain", 400}}) {
    Request request = request_for("POST", "/api/v1/enroll");
    request.body = row.body;
    request.headers["content-type"] = row.type;
    EXPECT_EQ(ask(request).status, row.status) << row.body;
  }
  EXPECT_EQ(administer("POST", "/admin/v1/token", R"({"lifetime": 5})").status, 400)
      << "a field that is misspelt";
  EXPECT_EQ(administer("POST", "/admin/v1/token", "{}").status, 400);
}

TEST_F(Endpoints, TellOfPoliciesOnTheSocketOnly) {
  struct Row {
    const char* path;
    const char* body;
    int status;
  };
  for (const Row& row : std::vector<Row>{
           {"/admin/v1/policy/preview", "{}", 200},
           {"/admin/v1/policy/preview", R"({"files": [{"name": "a", "text": "b: c"}]})", 400},
           {"/admin/v1/policy/preview", R"({"file": []})", 400},
           {"/admin/v1/explain", R"({"host": "nobody", "control": "x"})", 404},
           {"/admin/v1/explain", "[]", 400}}) {
    EXPECT_EQ(administer("POST", row.path, row.body).status, row.status) << row.path << row.body;
    Request request = request_for("POST", row.path);
    request.body = row.body;
    EXPECT_EQ(ask(request).status, 404);
  }
}

TEST_F(Endpoints, SayWhenToTryAgainWhileTheDiskIsFull) {
  store_.status = absl::ResourceExhaustedError("the disk is full");
  const Response response =
      administer("POST", "/admin/v1/token", R"({"lifetime_seconds": 3600, "uses": 1})");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(header_of(response, "Retry-After"), "30");
}

TEST_F(Endpoints, BoundEnrolmentsPerAddress) {
  const Handler handler = make_endpoints(context_);
  Request request = request_for("POST", "/api/v1/enroll");
  request.body = "{";
  const auto from = [&request](const char* peer) {
    request.peer = peer;
    return request;
  };
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(ask(handler, from("2001:db8::1")).status, 400);
  EXPECT_EQ(ask(handler, from("2001:db8::2")).status, 429) << "the same network";
  EXPECT_EQ(ask(handler, from("2001:db8:0:1::1")).status, 400) << "another one";
  EXPECT_EQ(ask(handler, from("192.0.2.1")).status, 400);
  clock_.advance(std::chrono::seconds(3));
  EXPECT_EQ(ask(handler, from("2001:db8::1")).status, 400);
  EXPECT_EQ(ask(handler, from("2001:db8::1")).status, 429);
}

TEST_F(Endpoints, AnswerTheVerbsOnTheSocketOnly) {
  EXPECT_EQ(
      ask(make_administration_endpoints(context_), request_for("GET", "/admin/v1/token")).status,
      403);
  context_.users = {{"prometheus", kHash}};
  EXPECT_EQ(administer("GET", "/metrics").status, 200) << "no password on the socket";
}

TEST_F(Endpoints, BoundWhatWaits) {
  // The two threads are held, and the queue filled behind them.
  EndpointState state(context_, {});
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::vector<std::promise<Response>> answers(64);
  for (std::promise<Response>& answer : answers) {
    answer_later(Call{state, Request(), "",
                      [&answer](Response response) { answer.set_value(std::move(response)); }},
                 [released](const Call&) {
                   released.wait();
                   return Response();
                 });
  }
  std::promise<Response> refused;
  answer_later(Call{state, Request(), "",
                    [&refused](Response response) { refused.set_value(std::move(response)); }},
               [](const Call&) { return Response(); });
  EXPECT_EQ(refused.get_future().get().status, 503);
  release.set_value();
  for (std::promise<Response>& answer : answers)
    EXPECT_EQ(answer.get_future().get().status, 200);
}

}  // namespace
}  // namespace muster::collector::http
