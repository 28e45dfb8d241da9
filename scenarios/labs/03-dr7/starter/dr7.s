# DR7's value for each probe.
.set PROBE_1, TODO
.set PROBE_2, TODO
.set PROBE_3, TODO
.set PROBE_4, TODO
.set PROBE_5, TODO
