#include "agent/identity/post_message.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <string>

#include "common/text.h"
#include "muster/v1/fleet.pb.h"

namespace muster::agent {
namespace {

constexpr size_t kMessageLimit = 1000;
constexpr unsigned kTooManyRequests = 429;

absl::Status refusal_of(const HttpsAnswer& answer) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  v1::ErrorResponse refusal;
  std::string why;
  if (google::protobuf::util::JsonStringToMessage(answer.body, &refusal, options).ok()) {
    why = printable(refusal.error(), kMessageLimit);
  }
  const std::string said = fmt::format("the collector refuses (HTTP {}){}{}", answer.status,
                                       why.empty() ? "" : ": ", why);
  const bool is_passing = answer.status == kTooManyRequests || answer.status / 100 == 5;
  return is_passing ? absl::UnavailableError(said) : absl::PermissionDeniedError(said);
}

}  // namespace

absl::Status post_message(HttpsPost post, const google::protobuf::Message& request,
                          google::protobuf::Message& response) {
  google::protobuf::util::JsonPrintOptions print;
  print.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(request, &post.body, print).ok()) {
    return absl::InvalidArgumentError("what is to be sent is not valid UTF-8");
  }
  const absl::StatusOr<HttpsAnswer> answer = post_json(post);
  if (!answer.ok()) return answer.status();
  if (answer->status != 200) return refusal_of(*answer);
  google::protobuf::util::JsonParseOptions parse;
  parse.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(answer->body, &response, parse).ok()) {
    return absl::InternalError(fmt::format(
        "the collector's answer to {} makes no sense: is this its HTTPS port?", post.path));
  }
  return absl::OkStatus();
}

}  // namespace muster::agent
