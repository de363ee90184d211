// Any bytes as the answers to all questions of a look at a zone: what is told is bounded and
// printable. The first two bytes of each part are its length.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include "agent/probes/zone/dkim_key.h"
#include "agent/probes/zone/dmarc_record.h"
#include "agent/probes/zone/spf_terms.h"
#include "agent/probes/zone/zone_look.h"
#include "common/text.h"

namespace {

namespace zone = muster::zone;

void require(bool holds) {
  if (!holds) std::abort();
}

// The header and the question are those of the answer that was asked for, so that what comes behind
// is read.
class FuzzedAsker : public zone::Asker {
 public:
  explicit FuzzedAsker(std::string_view bytes) : bytes_(bytes) {}

  boost::asio::awaitable<zone::Reply> ask(std::optional<boost::asio::ip::address>,
                                          zone::Question question, zone::Way) override {
    zone::Reply reply;
    reply.end = zone::End::kAnswered;
    const std::string asked = zone::question_bytes(question, 0, false).value_or("");
    constexpr size_t kHeader = 12;
    constexpr size_t kOfEdns = 11;
    const std::string_view part = next();
    if (part.size() < kHeader || asked.size() < kHeader + kOfEdns) {
      reply.bytes = std::string(part);
      co_return reply;
    }
    reply.bytes = std::string(part.substr(0, kHeader));
    reply.bytes += asked.substr(kHeader, asked.size() - kHeader - kOfEdns);
    reply.bytes += part.substr(kHeader);
    co_return reply;
  }

 private:
  std::string_view next() {
    if (bytes_.size() < 2) return {};
    const auto size = static_cast<size_t>(static_cast<unsigned char>(bytes_[0])) << 8U |
                      static_cast<unsigned char>(bytes_[1]);
    const std::string_view part = bytes_.substr(2, size);
    bytes_.remove_prefix(2 + part.size());
    return part;
  }

  std::string_view bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  FuzzedAsker asker(bytes);
  boost::asio::io_context io(1);
  boost::asio::co_spawn(
      io, zone::look_at_zone(asker, {.name = "a.org", .dkim_selectors = {"s"}}, "a.org"),
      [](const std::exception_ptr& error, const muster::v1::ZoneFacts& facts) {
        require(error == nullptr);
        require(facts.servers_size() <= 64 && facts.caa_size() <= 32);
        for (const std::string& text : {facts.spf().text(), facts.dmarc().text(),
                                        facts.delegation_detail(), facts.dnssec_detail()})
          require(muster::printable(text, 1024) == text);
      });
  io.run();
  const std::string text(bytes);
  if (zone::is_spf(text)) (void)zone::parse_spf(text);
  (void)zone::parse_dkim_key(text);
  (void)zone::read_dmarc({text}, true);
  return 0;
}
