#include "collector/http/self_metrics.h"

#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <limits>

namespace muster::collector::http {
namespace {

TEST(SelfMetrics, AreWrittenInOpenMetrics) {
  prometheus::Registry registry;
  prometheus::BuildCounter()
      .Name("muster_collector_syncs_total")
      .Help("Reports by how they ended: \"ok\",\nor \\ not.")
      .Register(registry)
      .Add({{"result", "a\"b\\c\nd"}})
      .Increment(3);
  EXPECT_EQ(render_self_metrics(registry.Collect(), exposition::Format::kOpenMetrics),
            "# HELP muster_collector_syncs Reports by how they ended: \\\"ok\\\",\\nor \\\\ not.\n"
            "# TYPE muster_collector_syncs counter\n"
            "muster_collector_syncs_total{result=\"a\\\"b\\\\c\\nd\"} 3\n");
}

TEST(SelfMetrics, KeepInfosAndBoundsAsOpenMetricsWantsThem) {
  prometheus::Registry registry;
  prometheus::BuildGauge()
      .Name("muster_collector_build_info")
      .Help("1.")
      .Register(registry)
      .Add({{"version", "1.2"}})
      .Set(1);
  EXPECT_EQ(render_self_metrics(registry.Collect(), exposition::Format::kOpenMetrics),
            "# HELP muster_collector_build 1.\n"
            "# TYPE muster_collector_build info\n"
            "muster_collector_build_info{version=\"1.2\"} 1\n");
  prometheus::Registry other;
  auto& histogram =
      prometheus::BuildHistogram()
          .Name("muster_collector_commit_duration_seconds")
          .Help("Commits.")
          .Register(other)
          .Add({{"store", "sqlite"}}, prometheus::Histogram::BucketBoundaries{0.5, 1});
  histogram.Observe(0.25);
  histogram.Observe(7);
  EXPECT_EQ(render_self_metrics(other.Collect(), exposition::Format::kOpenMetrics),
            "# HELP muster_collector_commit_duration_seconds Commits.\n"
            "# TYPE muster_collector_commit_duration_seconds histogram\n"
            "muster_collector_commit_duration_seconds_bucket{store=\"sqlite\",le=\"0.5\"} 1\n"
            "muster_collector_commit_duration_seconds_bucket{store=\"sqlite\",le=\"1.0\"} 1\n"
            "muster_collector_commit_duration_seconds_bucket{store=\"sqlite\",le=\"+Inf\"} 2\n"
            "muster_collector_commit_duration_seconds_count{store=\"sqlite\"} 2\n"
            "muster_collector_commit_duration_seconds_sum{store=\"sqlite\"} 7.25\n");
}

TEST(SelfMetrics, AreWrittenInThePlainFormat) {
  prometheus::Registry registry;
  prometheus::BuildGauge().Name("muster_collector_hosts").Help("Hosts.").Register(registry).Add({});
  EXPECT_EQ(render_self_metrics(registry.Collect(), exposition::Format::kPrometheusText),
            "# HELP muster_collector_hosts Hosts.\n"
            "# TYPE muster_collector_hosts gauge\n"
            "muster_collector_hosts 0\n");
  EXPECT_EQ(render_self_metrics({}, exposition::Format::kOpenMetrics), "");
}

}  // namespace
}  // namespace muster::collector::http
