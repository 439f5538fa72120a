// Gauges as metric families of the library. Internal to this folder.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "gateway/metrics/metrics.h"
#include "gateway/metrics/process.h"

namespace billing::metrics {

void append_build(std::vector<prometheus::MetricFamily>& out, const BuildInfo& build);
void append_process(std::vector<prometheus::MetricFamily>& out, const ProcessFigures& process);
// `requests_answered` of all requests that began: the rest is in flight.
void append_gauges(std::vector<prometheus::MetricFamily>& out, const Gauges& gauges, std::uint64_t requests_answered);

}  // namespace billing::metrics
