#include "agent/identity/reenrol.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <stop_token>
#include <thread>
#include <utility>

#include "agent/identity/https_post.h"
#include "agent/identity/pinned_chain.h"
#include "agent/identity/post_message.h"
#include "agent/identity/trust_bundle.h"
#include "agent/output/status_text.h"
#include "common/files.h"

namespace muster::agent {
namespace {

namespace asio = boost::asio;

absl::StatusOr<v1::RenewResponse> reenrol(const ReenrolOptions& options,
                                          const v1::ReenrolRequest& request, std::stop_token stop) {
  const absl::StatusOr<std::string> roots = read_file(options.roots_path, kTrustBundleLimit);
  if (!roots.ok()) return roots.status();
  HttpsPost post;
  post.server = options.collector;
  post.proxy = options.proxy;
  post.path = "/api/v1/reenroll";
  post.timeout = options.timeout;
  post.stop = std::move(stop);
  // Not the collector's no: it may be back tomorrow.
  post.check_server = [&](STACK_OF(X509) * chain) {
    const absl::Status trusted = check_trusted_chain(chain, *roots, options.collector.host);
    return trusted.ok() ? trusted : absl::UnavailableError(text_of(trusted).data());
  };
  v1::RenewResponse response;
  if (absl::Status posted = post_message(std::move(post), request, response); !posted.ok()) {
    return posted;
  }
  return response;
}

}  // namespace

// What is on its way.
class HttpsReenrolment::Asked {
 public:
  Asked(asio::io_context& context, const ReenrolOptions& options, v1::ReenrolRequest request,
        SyncTransport::RenewDone done)
      : context_(context),
        work_(context.get_executor()),
        done_(std::move(done)),
        alive_(std::make_shared<int>(0)),
        thread_([this, options, request = std::move(request)](const std::stop_token& stop) {
          finish(reenrol(options, request, stop));
        }) {}

 private:
  // On its own thread.
  void finish(absl::StatusOr<v1::RenewResponse> answer) {
    asio::post(context_, [this, answer = std::move(answer), alive = std::weak_ptr<int>(alive_)] {
      if (!alive.lock()) return;
      work_.reset();
      done_(answer);
    });
  }

  asio::io_context& context_;
  // Until it is answered, the io_context has something to wait for.
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  const SyncTransport::RenewDone done_;
  // Shared with an answer that is on its way to the io_context, which must not find this gone.
  const std::shared_ptr<int> alive_;
  // Last: it ends before what it uses.
  std::jthread thread_;
};

HttpsReenrolment::HttpsReenrolment(asio::io_context& context, ReenrolOptions options)
    : context_(context), options_(std::move(options)) {}

HttpsReenrolment::~HttpsReenrolment() = default;

void HttpsReenrolment::ask(const v1::ReenrolRequest& request, SyncTransport::RenewDone done) {
  asked_ = std::make_unique<Asked>(context_, options_, request, std::move(done));
}

}  // namespace muster::agent
