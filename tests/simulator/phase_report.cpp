#include "tests/simulator/phase_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace muster::simulator {
namespace {

std::string_view name_of(Phase phase) {
  return phase == Phase::kJoining ? "joining" : "steady";
}

double ratio(double value, double of) {
  return of > 0 ? value / of : 0;
}

double syncs_per_second(const PhaseResult& result) {
  return ratio(static_cast<double>(result.syncs), result.took.count());
}

double cpu_per_sync(const PhaseResult& result, const ServerMeasured& server) {
  return ratio(server.after.cpu_seconds - server.before.cpu_seconds,
               static_cast<double>(result.syncs));
}

double kib_per_connection(const PhaseResult& result, const ServerMeasured& server) {
  return ratio(server.after.pss_kib - server.before.pss_kib,
               static_cast<double>(result.connections));
}

std::string latency_as_json(const LatencyHistogram& latency) {
  return fmt::format(R"({{"count":{},"p50":{:.6f},"p90":{:.6f},"p99":{:.6f},"max":{:.6f}}})",
                     latency.count(), latency.quantile(0.5).count(), latency.quantile(0.9).count(),
                     latency.quantile(0.99).count(), latency.max().count());
}

std::string latency_as_text(const LatencyHistogram& latency) {
  if (latency.count() == 0) return "none";
  const auto milliseconds = [](LatencyHistogram::Latency of) { return of.count() * 1000; };
  return fmt::format("p50 {:.2f} ms, p90 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms, of {}",
                     milliseconds(latency.quantile(0.5)), milliseconds(latency.quantile(0.9)),
                     milliseconds(latency.quantile(0.99)), milliseconds(latency.max()),
                     latency.count());
}

}  // namespace

std::string phase_as_json(const PhaseResult& result, const std::optional<ServerMeasured>& server) {
  std::string errors;
  for (const auto& [code, count] : result.errors) {
    errors += fmt::format(R"({}"{}":{})", errors.empty() ? "" : ",", code, count);
  }
  std::string json = fmt::format(
      R"({{"phase":"{}","seconds":{:.3f},"hosts":{},"in_sync":{},"syncs":{},)"
      R"("syncs_per_second":{:.1f},"connections":{},"latency":{},"connecting_latency":{},)"
      R"("errors":{{{}}},"facts":{{"sent":{},"bytes":{},"retried":{},"resent":{},"wanted":{},)"
      R"("dropped":{}}})",
      name_of(result.phase), result.took.count(), result.hosts, result.in_sync, result.syncs,
      syncs_per_second(result), result.connections, latency_as_json(result.latency),
      latency_as_json(result.connecting_latency), errors, result.facts.sent, result.facts.bytes,
      result.facts.retried, result.facts.resent, result.facts.wanted, result.facts.dropped);
  if (server.has_value()) {
    json += fmt::format(
        R"(,"server":{{"cpu_seconds":{:.2f},"cpu_seconds_per_sync":{:.7f},"pss_kib":{:.0f},)"
        R"("pss_kib_per_connection":{:.1f},"private_dirty_kib":{:.0f}}})",
        server->after.cpu_seconds - server->before.cpu_seconds, cpu_per_sync(result, *server),
        server->after.pss_kib, kib_per_connection(result, *server),
        server->after.private_dirty_kib);
  }
  return json + "}\n";
}

std::string phase_as_text(const PhaseResult& result, const std::optional<ServerMeasured>& server) {
  std::string text;
  const auto line = [&text](std::string_view name, const std::string& value) {
    text += fmt::format("  {:<20} {}\n", name, value);
  };
  text += fmt::format("{} for {:.1f} s\n", name_of(result.phase), result.took.count());
  line("hosts in sync", fmt::format("{} of {}", result.in_sync, result.hosts));
  line("syncs", fmt::format("{}, {:.0f} a second", result.syncs, syncs_per_second(result)));
  line("latency", latency_as_text(result.latency));
  line("with a connection", latency_as_text(result.connecting_latency));
  for (const auto& [code, count] : result.errors)
    line("errors", fmt::format("{} {}", count, code));
  if (result.errors.empty()) line("errors", "none");
  line("facts sent", fmt::format("{} ({} bytes); {} again before they were acknowledged, {} after",
                                 result.facts.sent, result.facts.bytes, result.facts.retried,
                                 result.facts.resent));
  if (result.facts.wanted > 0) line("facts wanted", fmt::format("{}", result.facts.wanted));
  if (result.facts.dropped > 0) line("facts dropped", fmt::format("{}", result.facts.dropped));
  if (!server.has_value()) return text;
  line("server CPU",
       fmt::format("{:.0f} us a sync, {:.2f} s in all", cpu_per_sync(result, *server) * 1e6,
                   server->after.cpu_seconds - server->before.cpu_seconds));
  line("server memory", fmt::format("{:.1f} MiB PSS, {:+.1f} MiB", server->after.pss_kib / 1024,
                                    (server->after.pss_kib - server->before.pss_kib) / 1024));
  if (result.connections > 0) {
    line("  a connection", fmt::format("{:.1f} KiB, with what was learned of its host",
                                       kib_per_connection(result, *server)));
  }
  return text;
}

}  // namespace muster::simulator
