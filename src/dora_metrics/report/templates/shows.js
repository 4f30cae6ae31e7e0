// Which items a number counts and which it leaves out: the rules of the calculators, for the rows of the page's tables.

const inside = (moment, within) =>
  moment !== null && moment >= within.start && (within.closed ? moment <= within.end : moment < within.end);

/** Whether it had begun and not ended at the end of the window. */
const openAt = (begun, ended, within) =>
  within.closed
    ? (begun === null || begun <= within.end) && (ended === null || ended > within.end)
    : (begun === null || begun < within.end) && (ended === null || ended >= within.end);

const canFail = (row) => row.kind === "normal" || row.kind === "hotfix";
const hasFailed = (row) => canFail(row) && row.failed === "failed";
const recoveryOf = (row) => row.recovery ?? (row.until === null ? null : row.until - row.from);
const isInvalid = (row) => row.until !== null && (row.until < row.from || recoveryOf(row) < 0);
const isRework = (row) => row.kind === "hotfix" || row.kind === "rollback";

const NAMES = {
  lead_time: "Lead time for changes",
  deployment_frequency: "Deployment frequency",
  mttr: "Failed deployment recovery time",
  change_failure_rate: "Change failure rate",
  rework_rate: "Rework rate",
};

/** For each way to items: the table, which rows, and what they are. */
const SHOWS = {
  "lead_time.counted": ["changes", (row, within) => row.state === "counted" && inside(row.t, within), "the changes that count"],
  "lead_time.left_out": ["changes", (row, within) => row.state === "left out" && inside(row.t, within), "deployed and left out, each with its reason"],
  "lead_time.undeployed": ["changes", (row, within) => !row.named && openAt(row.from, row.t, within), "merged and not deployed at its end"],
  "deployment_frequency.counted": ["deployments", (row, within) => row.kind !== "redeploy" && row.kind !== "rollback" && inside(row.t, within), "the deployments that count"],
  "deployment_frequency.left_out": ["deployments", (row, within) => (row.kind === "redeploy" || row.kind === "rollback") && inside(row.t, within), "redeploys and rollbacks bring nothing new: left out"],
  "mttr.counted": ["deployments", (row, within) => hasFailed(row) && !isInvalid(row) && inside(row.until, within), "failures restored in it"],
  "mttr.left_out": ["deployments", (row, within) => hasFailed(row) && isInvalid(row) && inside(row.until, within), "restored before they began: left out"],
  "mttr.open": ["deployments", (row, within) => hasFailed(row) && !isInvalid(row) && openAt(row.from, row.until, within), "failures still open at its end"],
  "change_failure_rate.counted": ["deployments", (row, within) => canFail(row) && inside(row.t, within), "the deployments that could fail"],
  "change_failure_rate.failed": ["deployments", (row, within) => hasFailed(row) && inside(row.t, within), "the deployments that failed"],
  "change_failure_rate.left_out": ["failures", (row, within) => (row.attribution === "unattributed" || row.attribution === "not_in_Dc") && inside(row.t, within), "failures tied to no deployment that can fail: left out"],
  "rework_rate.counted": ["deployments", (row, within) => (canFail(row) || row.kind === "rollback") && inside(row.t, within), "all that are neither first nor repeated"],
  "rework_rate.rework": ["deployments", (row, within) => isRework(row) && inside(row.t, within), "hotfixes and rollbacks"],
};

/** The same for a span: `waiting:from:to` by age, `lead:from:to` by lead time, in seconds. */
function spanOf(show) {
  const [kind, low, high] = show.split(":");
  const fits = (seconds) => seconds >= Number(low) && (high === "" || seconds < Number(high));
  if (kind === "waiting") {
    const age = (row) => Math.max(facts.as_of - row.began, 0);
    return ["changes", (row) => row.state === "waiting" && row.began !== null && fits(age(row)), "changes of this age that wait"];
  }
  return ["changes", (row, within) => row.state === "counted" && inside(row.t, within) && fits(row.lead), "changes that took so long"];
}

/** The rows behind `show` in a period: `{table, test, words}`. */
function itemsOf(show, grain, period, key) {
  if (show === "key") {
    return { table: "deployments", test: (row) => row.key === key, words: "The deployment of this mark" };
  }
  const within = windowOf(grain, period);
  const [table, test, words] = SHOWS[show] ?? spanOf(show);
  const whole = period === "overall" ? "the whole window" : period;
  const name = NAMES[show.split(".")[0]];
  return { table, test: (row) => test(row, within), words: name ? `${name}, ${whole}: ${words}` : `${words[0].toUpperCase()}${words.slice(1)}, ${whole}` };
}
