#include "collector/http/error_response.h"

#include <google/protobuf/util/json_util.h>

#include "common/text.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector::http {
namespace {

int http_status(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return 503;
    case absl::StatusCode::kUnimplemented:
      return 501;
    default:
      return 500;
  }
}

}  // namespace

Response error_response(int status, std::string_view text) {
  v1::ErrorResponse message;
  message.set_error(truncate_utf8(repair_utf8(text), 4096));
  Response response;
  response.status = status;
  response.content_type = "application/json";
  const auto written = google::protobuf::util::MessageToJsonString(message, &response.body);
  if (!written.ok()) response.body = R"({"error":"refused"})";
  response.body += '\n';
  return response;
}

Response error_response(const absl::Status& status) {
  Response response =
      error_response(http_status(status.code()),
                     std::string_view(status.message().data(), status.message().size()));
  if (response.status == 503) response.headers.emplace_back("Retry-After", "30");
  return response;
}

}  // namespace muster::collector::http
