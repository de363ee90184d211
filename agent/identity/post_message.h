// A message to a collector's HTTPS port, as JSON, and the message that it answers. Any thread; the
// call blocks.
#pragma once

#include <absl/status/status.h>

#include "agent/identity/https_post.h"

namespace google::protobuf {
class Message;
}

namespace muster::agent {

// `post` tells where and how; its body is made here. PermissionDenied with the collector's own
// words where it refuses, Unavailable where it cannot answer now, InvalidArgument if `request` is
// no valid UTF-8, Internal if the answer is not such a message, or what post_json says.
absl::Status post_message(HttpsPost post, const google::protobuf::Message& request,
                          google::protobuf::Message& response);

}  // namespace muster::agent
