import { randomUUID } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as setTimeout$1 } from "node:timers/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
// cli/misuse.ts
var Misuse = class extends Error {
	name = "Misuse";
};
// cli/durations.ts
const MS = {
	ms: 1,
	s: 1e3,
	m: 6e4,
	h: 36e5
};
function readDuration(text, name) {
	const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
	if (parts === null) throw new Misuse(`${name} is ${JSON.stringify(text)}; it should look like 90s, 20m or 1h.`);
	return Number(parts[1]) * MS[parts[2]];
}
function sayDuration(ms) {
	const seconds = Math.max(0, Math.round(ms / 1e3));
	const minutes = Math.floor(seconds / 60);
	if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
	if (minutes === 0) return `${seconds} s`;
	return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
}
// cli/out/style.ts
const wrap = (open, close) => (text) => `\u001b[${open}m${text}\u001b[${close}m`;
const same = (text) => text;
const COLOURS = {
	bold: wrap(1, 22),
	dim: wrap(2, 22),
	good: wrap(32, 39),
	warn: wrap(33, 39),
	bad: wrap(31, 39)
};
const PLAIN = {
	bold: same,
	dim: same,
	good: same,
	warn: same,
	bad: same
};
function styleFor(sink, env) {
	if (env.NO_COLOR) return PLAIN;
	if (env.FORCE_COLOR && env.FORCE_COLOR !== "0") return COLOURS;
	return sink.isTTY && env.TERM !== "dumb" ? COLOURS : PLAIN;
}
function isLive(sink, env) {
	return sink.isTTY && env.TERM !== "dumb" && (env.CI ?? "") === "";
}
// cli/out/voice.ts
const FRAMES = [
	"⠋",
	"⠙",
	"⠹",
	"⠸",
	"⠼",
	"⠴",
	"⠦",
	"⠧",
	"⠇",
	"⠏"
];
const FRAME_MS = 120;
function createVoice(sink, env, isQuiet) {
	const style = styleFor(sink, env);
	const live = isLive(sink, env) && !isQuiet ? createLiveLine(sink, style) : null;
	let lastNews = "";
	const line = (text) => {
		live?.clear();
		sink.write(`${text}\n`);
	};
	return {
		style,
		say(text) {
			if (!isQuiet) line(`${style.dim("seqpulse")} ${text}`);
		},
		loud(text, level = "warning") {
			const flat = text.replaceAll(/\s*\n\s*/g, " ");
			const colour = level === "error" ? style.bad : style.warn;
			line(env.GITHUB_ACTIONS === "true" ? `::${level} title=SeqPulse::${annotationText(flat)}` : colour(`seqpulse ${level.toUpperCase()}: ${flat}`));
		},
		progress(deployment, dueInMs) {
			if (live !== null) {
				live.show(standing(deployment), dueInMs === null ? null : performance.now() + dueInMs);
				return;
			}
			const news = standing(deployment);
			if (isQuiet || news === lastNews) return;
			lastNews = news;
			line(`seqpulse ${news}${dueInMs === null ? "" : `, verdict in ${sayDuration(dueInMs)}`}`);
		},
		done: () => live?.end()
	};
}
function annotationText(text) {
	return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
function standing({ project, env, number, state, samples }) {
	const { before, after } = samples;
	const of = `${project} · ${env} · #${number}`;
	if (state === "running") return `${of}: it runs, ${before.collected} of ${before.expected} readings before`;
	return `${of}: ${after.collected} of ${after.expected} readings after`;
}
function createLiveLine(sink, style) {
	let text = "";
	let dueAtMs = null;
	let frame = 0;
	let timer = null;
	const draw = () => {
		const left = dueAtMs === null ? "" : `, ${leftText(dueAtMs - performance.now())}`;
		const room = Math.max(20, sink.columns - 3);
		const shown = [...`${text}${left}`].slice(0, room).join("");
		sink.write(`\r\u001b[2K${style.good(FRAMES[frame % FRAMES.length] ?? "")} ${shown}`);
		frame += 1;
	};
	const clear = () => {
		if (timer !== null) sink.write("\r\x1B[2K");
	};
	return {
		show(next, due) {
			text = next;
			dueAtMs = due;
			draw();
			timer ??= setInterval(draw, FRAME_MS).unref();
		},
		clear,
		end() {
			clear();
			if (timer !== null) clearInterval(timer);
			timer = null;
		}
	};
}
function leftText(ms) {
	return ms > 0 ? `verdict in ${sayDuration(ms)}` : "the verdict is being made";
}
// cli/table/exit-codes.ts
const EXIT = {
	passed: 0,
	gateFailed: 1,
	misused: 2,
	noVerdict: 3,
	refused: 4
};
EXIT.passed, EXIT.gateFailed, EXIT.misused, EXIT.noVerdict, EXIT.refused;
// cli/table/flags.ts
const OUTPUTS = [
	"text",
	"json",
	"junit",
	"markdown"
];
const FAIL_ON = [
	"rollback",
	"attention",
	"never"
];
const PASS_OR_FAIL = ["pass", "fail"];
const FLAGS = {
	url: {
		value: "URL",
		env: "SEQPULSE_URL",
		file: "url",
		meaning: "where SeqPulse is, with http:// or https://"
	},
	key: {
		value: "KEY",
		env: "SEQPULSE_API_KEY",
		file: "key",
		meaning: "the project’s key (SP_…); better by its variable, for a command line can be seen by others"
	},
	env: {
		value: "NAME",
		file: "env",
		default: "prod",
		meaning: "the environment that is deployed to"
	},
	id: {
		value: "ID",
		env: "SEQPULSE_DEPLOYMENT_ID",
		meaning: "the deployment; start hands it on, so that the later steps of a job need not name it"
	},
	result: {
		value: "WORD",
		choices: [
			"success",
			"failed",
			"failure",
			"cancelled",
			"canceled",
			"skipped"
		],
		default: "success",
		meaning: "how the pipeline ended"
	},
	timeout: {
		value: "TIME",
		file: "timeout",
		default: "until the verdict is due, and 2 minutes",
		meaning: "how long to wait for the verdict: 90s, 20m, 1h"
	},
	"fail-on": {
		value: "WHAT",
		choices: FAIL_ON,
		default: "rollback",
		file: "fail_on",
		meaning: "the mildest verdict that fails the gate"
	},
	"on-unavailable": {
		value: "WHAT",
		choices: PASS_OR_FAIL,
		default: "pass",
		file: "on_unavailable",
		meaning: "what becomes of the job when SeqPulse is away, or gives no verdict in time"
	},
	"on-insufficient": {
		value: "WHAT",
		choices: PASS_OR_FAIL,
		default: "pass",
		file: "on_insufficient",
		meaning: "what becomes of it when there is too little data to judge"
	},
	final: { meaning: "wait for the final verdict, also past an early one, at which the gate fails otherwise" },
	"retry-for": {
		value: "TIME",
		file: "retry_for",
		default: "20s; 2m while waiting",
		meaning: "how long a service that does not answer is asked again"
	},
	branch: {
		value: "NAME",
		default: "from the CI",
		meaning: "the branch"
	},
	commit: {
		value: "SHA",
		default: "from the CI",
		meaning: "the commit"
	},
	"commit-time": {
		value: "TIME",
		default: "from the CI",
		meaning: "when it was committed, 2026-05-04T10:00:00Z"
	},
	"build-url": {
		value: "URL",
		default: "from the CI",
		meaning: "where this build can be seen"
	},
	actor: {
		value: "NAME",
		default: "from the CI",
		meaning: "who started it"
	},
	version: {
		value: "NAME",
		default: "the tag, from the CI",
		meaning: "the version that is deployed"
	},
	service: {
		value: "NAME",
		meaning: "what is deployed, where a project is more than one service"
	},
	"idempotency-key": {
		value: "KEY",
		default: "one for each attempt of a job",
		meaning: "two starts with the same key are one deployment"
	},
	supersede: { meaning: "take the place of a deployment that still runs here: its run is dead" },
	"instances-before": {
		value: "COUNT",
		meaning: "instances that shared the traffic before"
	},
	"instances-after": {
		value: "COUNT",
		meaning: "instances that share it now"
	},
	"traffic-share": {
		value: "SHARE",
		meaning: "of the traffic before, what the observed application gets now, 0 to 1"
	},
	dotenv: {
		value: "FILE",
		meaning: "add SEQPULSE_DEPLOYMENT_ID to this file, for the jobs that come later"
	},
	right: { meaning: "the verdict was right" },
	wrong: { meaning: "the verdict was wrong" },
	note: {
		value: "TEXT",
		meaning: "why"
	},
	limit: {
		value: "NAME=VALUE",
		repeats: true,
		meaning: "a limit to judge with, such as latency_p95_growth=0.5; may be given several times"
	},
	verdict: {
		value: "VERDICT",
		choices: [
			"ok",
			"attention",
			"rollback_recommended",
			"insufficient_data"
		],
		meaning: "only deployments with this verdict"
	},
	count: {
		value: "N",
		short: "n",
		default: "20",
		meaning: "how many, 200 at most"
	},
	project: {
		value: "NAME",
		meaning: "the project to make, when there is no key yet"
	},
	endpoint: {
		value: "URL",
		meaning: "where its application serves the five numbers"
	},
	"admin-token": {
		value: "TOKEN",
		env: "SEQPULSE_ADMIN_TOKEN",
		meaning: "the operator’s token: to make a project"
	},
	output: {
		value: "FORM",
		short: "o",
		choices: OUTPUTS,
		default: "text",
		meaning: "the form of what is printed"
	},
	"report-file": {
		value: "FILE",
		meaning: "write that form to this file; the log then keeps its text"
	},
	config: {
		value: "FILE",
		default: "seqpulse.json, when it is there",
		meaning: "the file with settings"
	},
	quiet: {
		short: "q",
		meaning: "only the result, warnings and faults"
	},
	help: {
		short: "h",
		meaning: "this page"
	}
};
// action/inputs.ts
const COMMANDS = [
	"run",
	"start",
	"finish",
	"wait"
];
const COMMENTS = [
	"true",
	"false",
	"failures"
];
function readInputs(env) {
	const get = (name) => (env[`INPUT_${name.toUpperCase()}`] ?? "").trim();
	const oneOf = (name, words, usual) => {
		const value = (get(name) || usual).toLowerCase();
		const found = words.find((word) => word === value);
		if (found === void 0) throw new Misuse(`${name} is ${JSON.stringify(get(name))}; it may be ${words.join(", ")}.`);
		return found;
	};
	const needed = (name) => {
		const value = get(name);
		if (value === "") throw new Misuse(`${name} is empty: a secret or variable of that name may be missing here.`);
		return value;
	};
	const command = oneOf("command", COMMANDS, "run");
	const script = env.INPUT_RUN ?? "";
	if (command === "run" && script.trim() === "") throw new Misuse("command run needs the script that deploys, in run.");
	const minutes = get("timeout-minutes");
	if (minutes !== "" && !/^\d+(\.\d+)?$/.test(minutes)) throw new Misuse(`timeout-minutes is ${JSON.stringify(minutes)}; it must be a number.`);
	const waits = command === "run" || command === "wait";
	const url = needed("url");
	const apiKey = needed("api-key");
	return {
		command,
		url,
		apiKey,
		script,
		comment: oneOf("comment", COMMENTS, "failures"),
		githubToken: get("github-token"),
		summary: oneOf("summary", ["true", "false"], "true") === "true",
		result: get("result"),
		words: command === "finish" || command === "wait" ? [get("deployment-id")].filter(Boolean) : [],
		given: {
			url,
			key: apiKey,
			"on-unavailable": oneOf("on-unavailable", PASS_OR_FAIL, "pass"),
			...command === "run" || command === "start" ? { env: get("env") || "prod" } : {},
			...command === "finish" ? { result: resultOf(get("result")) } : {},
			...waits ? { "fail-on": oneOf("fail-on", FAIL_ON, "rollback") } : {},
			...waits ? { "on-insufficient": oneOf("on-insufficient", PASS_OR_FAIL, "pass") } : {},
			...waits && minutes !== "" ? { timeout: `${minutes}m` } : {}
		}
	};
}
const resultOf = (status) => status.toLowerCase() || "success";
// client/errors.ts
var ApiError = class extends Error {
	name = "ApiError";
	status;
	code;
	retryAfterSeconds;
	constructor(request, status, problem, retryAfter) {
		const faults = (problem?.errors ?? []).map(({ path, message }) => `${path}: ${message}`).join("; ");
		const said = [problem?.detail ?? `it answered ${status}`, faults].filter(Boolean).join(" ");
		super(`${request}: ${said}`);
		this.status = status;
		this.code = problem?.code ?? null;
		const seconds = retryAfter === null ? NaN : Number(retryAfter);
		this.retryAfterSeconds = Number.isFinite(seconds) ? seconds : null;
	}
};
var UnreachableError = class extends Error {
	name = "UnreachableError";
};
// client/request.ts
const TIMEOUT_MS$1 = 3e4;
async function sendRequest(baseUrl, method, path, options = {}) {
	const body = options.rawBody ?? (options.body === void 0 ? void 0 : JSON.stringify(options.body));
	const deadline = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS$1);
	const signal = options.signal === void 0 ? deadline : AbortSignal.any([deadline, options.signal]);
	try {
		const response = await fetch(baseUrl + path, {
			method,
			headers: {
				...body === void 0 ? {} : { "Content-Type": "application/json" },
				...options.headers
			},
			...body === void 0 ? {} : { body },
			redirect: "manual",
			signal
		});
		const text = await response.text();
		const isJson = response.headers.get("content-type")?.includes("json") ?? false;
		return {
			status: response.status,
			headers: response.headers,
			body: isJson && text !== "" ? JSON.parse(text) : text
		};
	} catch (error) {
		if (options.signal?.aborted) throw options.signal.reason;
		throw new UnreachableError(`${method} ${baseUrl}${path}: ${reasonOf(error)}`, { cause: error });
	}
}
function reasonOf(error) {
	if (!(error instanceof Error)) return String(error);
	if (error.name === "TimeoutError") return "no answer in time";
	const { cause } = error;
	if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message;
	return cause instanceof Error ? cause.message : error.message;
}
// client/client.ts
const ANSWER_MS = 15e3;
function createClient(options) {
	const baseUrl = options.url.replace(/\/+$/, "");
	const credentials = {
		...options.apiKey === void 0 ? {} : { "X-API-Key": options.apiKey },
		...options.adminToken === void 0 ? {} : { Authorization: `Bearer ${options.adminToken}` }
	};
	const send = async (method, path, more = {}) => await sendRequest(baseUrl, method, path, {
		...options.timeoutMs === void 0 ? {} : { timeoutMs: options.timeoutMs },
		...more,
		headers: {
			...credentials,
			...more.headers
		}
	});
	async function succeed(method, path, more) {
		const answer = await send(method, path, more);
		if (answer.status >= 200 && answer.status < 300) return answer;
		const problem = typeof answer.body === "object" ? answer.body : null;
		throw new ApiError(`${method} ${path}`, answer.status, problem, answer.headers.get("retry-after"));
	}
	async function ask(method, path, body) {
		return (await succeed(method, path, body === void 0 ? {} : { body })).body;
	}
	const ofSource = (projectId) => `/projects/${encodeURIComponent(projectId)}/source`;
	const ofDeployment = (id) => `/deployments/${encodeURIComponent(id)}`;
	return {
		send,
		trigger: async (body) => await ask("POST", "/deployments/trigger", body),
		finish: async (body) => await ask("POST", "/deployments/finish", body),
		deployment: async (id) => await ask("GET", ofDeployment(id)),
		deploymentAtEnd: async (id, waitSeconds, until = "end") => {
			const timeoutMs = waitSeconds * 1e3 + ANSWER_MS;
			const query = `wait=${waitSeconds}${until === "end" ? "" : `&until=${until}`}`;
			const answer = await succeed("GET", `${ofDeployment(id)}?${query}`, { timeoutMs });
			const serverTimeMs = Date.parse(answer.headers.get("date") ?? "");
			return {
				deployment: answer.body,
				serverTimeMs: Number.isNaN(serverTimeMs) ? null : serverTimeMs
			};
		},
		deployments: async (query = {}) => {
			const parameters = new URLSearchParams();
			for (const [name, value] of Object.entries(query)) parameters.set(name, String(value));
			return await ask("GET", `/deployments${parameters.size > 0 ? `?${parameters}` : ""}`);
		},
		samples: async (id) => {
			const { samples } = await ask("GET", `${ofDeployment(id)}/metrics`);
			return samples;
		},
		rejudge: async (id, limits) => await ask("POST", `${ofDeployment(id)}/rejudge`, { limits }),
		feedback: async (id, said) => await ask("POST", `${ofDeployment(id)}/feedback`, said),
		project: async () => await ask("GET", "/project"),
		createProject: async (body) => await ask("POST", "/projects", body),
		setSource: async (projectId, body) => await ask("PUT", ofSource(projectId), body),
		source: async (projectId, env) => await ask("GET", `${ofSource(projectId)}${env === null ? "" : `?env=${encodeURIComponent(env)}`}`),
		testSource: async (projectId, env) => await ask("POST", `${ofSource(projectId)}/test`, { env })
	};
}
// cli/ci/ci.ts
function detectCi(env) {
	const get = (name) => env[name]?.trim() || null;
	const key = (...parts) => parts.includes(null) ? null : parts.join("-");
	if (get("GITHUB_ACTIONS") === "true") return github(get, key);
	if (get("GITLAB_CI") !== null) return {
		name: "GitLab CI",
		branch: get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME") ?? get("CI_COMMIT_REF_NAME"),
		commitSha: get("CI_COMMIT_SHA"),
		commitTime: get("CI_COMMIT_TIMESTAMP"),
		buildUrl: get("CI_JOB_URL"),
		actor: get("GITLAB_USER_LOGIN"),
		version: get("CI_COMMIT_TAG"),
		idempotencyKey: key("gitlab", get("CI_JOB_ID")),
		result: gitlabResult(get("CI_JOB_STATUS"))
	};
	if (get("CIRCLECI") === "true") return {
		name: "CircleCI",
		branch: get("CIRCLE_BRANCH"),
		commitSha: get("CIRCLE_SHA1"),
		commitTime: null,
		buildUrl: get("CIRCLE_BUILD_URL"),
		actor: get("CIRCLE_USERNAME"),
		version: get("CIRCLE_TAG"),
		idempotencyKey: key("circleci", get("CIRCLE_WORKFLOW_ID"), get("CIRCLE_JOB")),
		result: null
	};
	if (get("JENKINS_URL") !== null && get("BUILD_TAG") !== null) return {
		name: "Jenkins",
		branch: get("CHANGE_BRANCH") ?? get("BRANCH_NAME") ?? get("GIT_BRANCH"),
		commitSha: get("GIT_COMMIT"),
		commitTime: null,
		buildUrl: get("BUILD_URL"),
		actor: get("BUILD_USER_ID") ?? get("CHANGE_AUTHOR"),
		version: get("TAG_NAME"),
		idempotencyKey: get("BUILD_TAG"),
		result: null
	};
	return null;
}
function github(get, key) {
	const attempt = get("GITHUB_RUN_ATTEMPT") ?? "1";
	const run = [
		get("GITHUB_SERVER_URL"),
		get("GITHUB_REPOSITORY"),
		get("GITHUB_RUN_ID")
	];
	const [server, repository, id] = run;
	return {
		name: "GitHub Actions",
		branch: get("GITHUB_HEAD_REF") ?? get("GITHUB_REF_NAME"),
		commitSha: get("GITHUB_SHA"),
		commitTime: null,
		buildUrl: run.includes(null) ? null : `${server}/${repository}/actions/runs/${id}/attempts/${attempt}`,
		actor: get("GITHUB_TRIGGERING_ACTOR") ?? get("GITHUB_ACTOR"),
		version: get("GITHUB_REF_TYPE") === "tag" ? get("GITHUB_REF_NAME") : null,
		idempotencyKey: key("github", get("GITHUB_RUN_ID"), attempt, get("GITHUB_JOB")),
		result: null
	};
}
function gitlabResult(status) {
	return status === "success" || status === "failed" || status === "canceled" ? status : null;
}
// cli/ci/hand-on.ts
const ID_VARIABLE = "SEQPULSE_DEPLOYMENT_ID";
function handOn(id, env, dotenv) {
	const value = id ?? "unwatched";
	if (env.GITHUB_ENV) appendFileSync(env.GITHUB_ENV, `${ID_VARIABLE}=${value}\n`);
	if (env.GITHUB_OUTPUT) appendFileSync(env.GITHUB_OUTPUT, `deployment-id=${id ?? ""}\n`);
	if (env.CIRCLECI === "true" && env.BASH_ENV) appendFileSync(env.BASH_ENV, `export ${ID_VARIABLE}=${value}\n`);
	if (dotenv !== null) appendFileSync(dotenv, `${ID_VARIABLE}=${value}\n`);
}
const OTHERS = 63;
function readSettingsFile(cwd, named) {
	const path = resolve(cwd, named ?? "seqpulse.json");
	const text = read(path, named !== null);
	if (text === null) return {};
	const parsed = parse(path, text);
	const known = new Map(Object.entries(FLAGS).flatMap(([flag, { file }]) => file ? [[file, flag]] : []));
	const values = {};
	for (const [name, value] of Object.entries(parsed)) {
		const flag = known.get(name);
		if (flag === void 0) throw new Misuse(`${path} has ${JSON.stringify(name)}; known are ${[...known.keys()].join(", ")}.`);
		if (typeof value !== "string") throw new Misuse(`${path}: ${name} must be a string.`);
		const { choices } = FLAGS[flag];
		if (choices?.includes(value) === false) throw new Misuse(`${path}: ${name} may be ${choices.join(", ")}.`);
		if (flag === "key" && process.platform !== "win32" && (statSync(path).mode & OTHERS) !== 0) throw new Misuse(`${path} holds a key, and others may read it: take it out (SEQPULSE_API_KEY), or chmod 600.`);
		values[flag] = value;
	}
	return values;
}
function read(path, mustBe) {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		const { code } = error;
		if (!mustBe && (code === "ENOENT" || code === "ENOTDIR")) return null;
		throw new Misuse(`${path} can’t be read: ${code ?? error}.`);
	}
}
function parse(path, text) {
	try {
		const parsed = JSON.parse(text);
		if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed;
	} catch {}
	throw new Misuse(`${path} is no JSON object.`);
}
// cli/settings.ts
function readSettings(input) {
	const { given, env, cwd } = input;
	const file = readSettingsFile(cwd, typeof given.config === "string" ? given.config : null);
	const settings = {
		text(flag) {
			const value = given[flag];
			if (typeof value === "string") return value;
			const variable = FLAGS[flag].env;
			return (variable === void 0 ? void 0 : env[variable]?.trim()) || file[flag] || null;
		},
		is: (flag) => given[flag] === true,
		texts: (flag) => Array.isArray(given[flag]) ? given[flag] : [],
		duration(flag) {
			const text = settings.text(flag);
			return text === null ? null : readDuration(text, `--${flag}`);
		},
		number(flag, { min, max, whole = false }) {
			const text = settings.text(flag);
			if (text === null) return null;
			const value = Number(text);
			if (text.trim() !== "" && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
			throw new Misuse(`--${flag} is ${JSON.stringify(text)}; it must be a ${whole ? "whole " : ""}number from ${min} to ${max}.`);
		},
		needed(flag) {
			const value = settings.text(flag);
			if (value !== null) return value;
			const { env: variable, file: name, meaning } = FLAGS[flag];
			const ways = [
				`--${flag}`,
				...variable ? [variable] : [],
				...name ? [`"${name}" in seqpulse.json`] : []
			];
			const last = ways.pop();
			const text = ways.length === 0 ? last : `${ways.join(", ")} or ${last}`;
			throw new Misuse(`Missing: ${meaning.split(";")[0]}. Set ${text}.`);
		}
	};
	return settings;
}
function readUrl(settings) {
	const url = settings.needed("url").trim();
	if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw new Misuse(`--url is ${JSON.stringify(url)}; it must begin with http:// or https://.`);
	const { username, password, search, hash } = new URL(url);
	if (username || password) throw new Misuse("--url must hold no credentials: the key is what opens SeqPulse.");
	if (search || hash) throw new Misuse("--url must end before ? and #: it is where SeqPulse is, not a page of it.");
	return url;
}
function readSecret(settings, flag) {
	const secret = settings.needed(flag).trim();
	if (!/^[\x21-\x7e]+$/.test(secret)) throw new Misuse(`--${flag} holds characters that no key has.`);
	return secret;
}
// cli/commands/context.ts
const REQUEST_TIMEOUT_MS = 1e4;
function openContext(args, around, hooks = {}) {
	const settings = readSettings({
		given: args.given,
		env: around.env,
		cwd: around.cwd
	});
	const voice = createVoice(around.stderr, around.env, settings.is("quiet"));
	return {
		args,
		settings,
		around,
		voice,
		hooks,
		ci: detectCi(around.env),
		newKey: around.newKey,
		onRetry: ({ message }, inMs) => voice.say(`${message}; asking again in ${sayDuration(inMs)}`)
	};
}
function ciClient({ settings }) {
	return createClient({
		url: readUrl(settings),
		apiKey: readSecret(settings, "key"),
		timeoutMs: REQUEST_TIMEOUT_MS
	});
}
function deploymentId({ args, around }) {
	const named = args.words[0] ?? (typeof args.given.id === "string" ? args.given.id : void 0);
	const id = (named ?? around.env["SEQPULSE_DEPLOYMENT_ID"])?.trim();
	if (id === void 0) throw new Misuse(`Which deployment? Name its id, or let \`seqpulse start\` hand it on (${FLAGS.id.env}).`);
	if (named === void 0 && (id === "" || id === "unwatched")) return null;
	if (id === "") throw new Misuse("The deployment’s id is empty.");
	return id;
}
// cli/ci/trigger-body.ts
const MAX_CHARACTERS$1 = 255;
function triggerBody(settings, ci, newKey) {
	const said = {
		branch: settings.text("branch") ?? cut(ci?.branch),
		commit_sha: settings.text("commit") ?? cut(ci?.commitSha),
		commit_time: settings.text("commit-time") ?? instant(ci?.commitTime),
		build_url: settings.text("build-url") ?? webUrl(ci?.buildUrl),
		actor: settings.text("actor") ?? cut(ci?.actor),
		version: settings.text("version") ?? cut(ci?.version),
		service: settings.text("service")
	};
	return {
		env: settings.text("env") ?? "prod",
		idempotency_key: settings.text("idempotency-key") ?? cut(ci?.idempotencyKey) ?? newKey(),
		...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null)),
		...settings.is("supersede") ? { supersede: true } : {}
	};
}
function trafficFacts(settings) {
	const count = {
		min: 1,
		max: 1e6,
		whole: true
	};
	const before = settings.number("instances-before", count);
	const after = settings.number("instances-after", count);
	if (before === null !== (after === null)) throw new Misuse("--instances-before and --instances-after go together.");
	const share = settings.number("traffic-share", {
		min: 0,
		max: 1
	});
	return {
		...before === null || after === null ? {} : { instances: {
			before,
			after
		} },
		...share === null ? {} : { traffic_share: share }
	};
}
function cut(text) {
	if (text == null) return null;
	return text.replaceAll("\0", "").toWellFormed().slice(0, MAX_CHARACTERS$1).replace(/[\ud800-\udbff]$/, "") || null;
}
function webUrl(url) {
	if (url == null || url.length > MAX_CHARACTERS$1) return null;
	return /^https?:\/\//i.test(url) && URL.canParse(url) ? url : null;
}
function instant(time) {
	const ms = Date.parse(time ?? "");
	return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
// cli/gate/faults.ts
var NotSeqPulse = class extends Error {
	name = "NotSeqPulse";
};
const MISUSES = new Set([
	"ENV_UNKNOWN",
	"MALFORMED_JSON",
	"MALFORMED_REQUEST",
	"METHOD_NOT_ALLOWED",
	"NOT_FOUND",
	"PAYLOAD_TOO_LARGE",
	"UNSUPPORTED_MEDIA_TYPE",
	"VALIDATION_FAILED"
]);
const GATES = new Set([
	401,
	403,
	407
]);
function faultOf(error) {
	if (error instanceof UnreachableError || error instanceof NotSeqPulse) return away(error.message, null);
	if (!(error instanceof ApiError)) return null;
	const { status, code, retryAfterSeconds } = error;
	if (status >= 500 || status === 429) return away(error.message, retryAfterSeconds);
	if (code === null && !GATES.has(status)) return away(`${error.message}, but not as SeqPulse does`, null);
	return {
		kind: code !== null && MISUSES.has(code) ? "misused" : "refused",
		message: error.message,
		retryAfterSeconds
	};
}
const away = (message, retryAfterSeconds) => ({
	kind: "away",
	message,
	retryAfterSeconds
});
// cli/gate/retries.ts
const FIRST_MS = 500;
const LONGEST_MS = 1e4;
function delayMs(attempt, retryAfterSeconds, random) {
	const backOff = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt) * (.5 + random() / 2);
	if (retryAfterSeconds === null) return backOff;
	return Math.max(backOff, retryAfterSeconds * 1e3 * (1 + random() / 10));
}
async function withRetries(pace, options, ask) {
	const endMs = pace.now() + options.forMs;
	for (let attempt = 0;; attempt += 1) try {
		return await ask();
	} catch (error) {
		const fault = faultOf(error);
		if (fault?.kind !== "away") throw error;
		const inMs = delayMs(attempt, fault.retryAfterSeconds, pace.random);
		if (pace.now() + inMs > endMs) throw error;
		options.onRetry(fault, inMs);
		await pace.sleep(inMs);
	}
}
// cli/gate/finish.ts
async function finishDeployment(pace, client, body, retrying) {
	try {
		const { status, message } = await withRetries(pace, {
			forMs: retrying.retryForMs,
			onRetry: retrying.onRetry
		}, async () => {
			const answer = await client.finish(body);
			if (typeof answer.status === "string") return answer;
			throw new NotSeqPulse("it answered 200, but not as SeqPulse does: is the URL right?");
		});
		if (status !== "not_found") return {
			outcome: status,
			message
		};
		return {
			outcome: "fault",
			fault: {
				kind: "misused",
				message,
				retryAfterSeconds: null
			}
		};
	} catch (error) {
		const fault = faultOf(error);
		if (fault === null) throw error;
		return {
			outcome: "fault",
			fault
		};
	}
}
// cli/gate/outcome.ts
const FAILING = {
	rollback: ["rollback_recommended"],
	attention: ["attention", "rollback_recommended"],
	never: []
};
function outcomeOf(waited, rules) {
	if (waited.outcome === "fault") return outcomeOfFault(waited.fault, rules.onUnavailable);
	const { deployment } = waited;
	if (waited.outcome === "late") return noVerdict(`no verdict within ${sayDuration(waited.waitedMs)}`, deployment, rules);
	if (waited.outcome === "early") return early(waited);
	if (deployment?.verdict == null) return noVerdict(whyNone(deployment), deployment, rules);
	const { verdict, headline } = deployment.verdict;
	const failing = verdict === "insufficient_data" ? rules.onInsufficient === "fail" : FAILING[rules.failOn].includes(verdict);
	return {
		kind: failing ? "failed" : "passed",
		exitCode: failing ? EXIT.gateFailed : EXIT.passed,
		reason: headline,
		isLoud: false,
		deployment
	};
}
function early({ deployment, preliminary }) {
	const { summary } = preliminary;
	return {
		kind: "failed",
		exitCode: EXIT.gateFailed,
		reason: summary,
		isLoud: false,
		deployment,
		isEarly: true
	};
}
function outcomeOfFault(fault, onUnavailable) {
	if (fault.kind === "away") return {
		...unavailable(onUnavailable),
		kind: "away",
		reason: `SeqPulse is away: ${fault.message}`,
		deployment: null
	};
	const exitCode = fault.kind === "refused" ? EXIT.refused : EXIT.misused;
	return {
		kind: fault.kind,
		exitCode,
		reason: fault.message,
		isLoud: true,
		deployment: null
	};
}
function unwatched(reason, onUnavailable) {
	return {
		...unavailable(onUnavailable),
		kind: "no_verdict",
		reason,
		deployment: null
	};
}
function noVerdict(reason, deployment, rules) {
	return {
		...unavailable(rules.onUnavailable),
		kind: "no_verdict",
		reason,
		deployment
	};
}
function whyNone(deployment) {
	return `the deployment was abandoned${deployment?.superseded_by == null ? "" : `, because deployment ${deployment.superseded_by} took its place`}: there is no verdict`;
}
const unavailable = (onUnavailable) => ({
	exitCode: onUnavailable === "fail" ? EXIT.noVerdict : EXIT.passed,
	isLoud: true
});
// cli/gate/rules.ts
const START_RETRY_MS = 2e4;
const WAIT_RETRY_MS = 12e4;
function gateRules(settings) {
	return {
		failOn: settings.text("fail-on") ?? "rollback",
		onUnavailable: onUnavailable(settings),
		onInsufficient: settings.text("on-insufficient") === "fail" ? "fail" : "pass"
	};
}
const endsEarly = (settings) => !settings.is("final") && gateRules(settings).failOn !== "never";
const onUnavailable = (settings) => settings.text("on-unavailable") === "fail" ? "fail" : "pass";
const retryForMs = (settings, isWaiting = false) => settings.duration("retry-for") ?? (isWaiting ? WAIT_RETRY_MS : START_RETRY_MS);
// src/report/early.ts
function judgedEarly(deployment) {
	const { preliminary } = deployment;
	if (preliminary === null || preliminary === void 0) return null;
	const { confidence, summary, details } = preliminary;
	return {
		...deployment,
		verdict: {
			verdict: "rollback_recommended",
			confidence,
			summary,
			details
		}
	};
}
function earlyNote({ preliminary, state, verdict }) {
	if (preliminary === null || preliminary === void 0) return null;
	const { minute, summary, outcome } = preliminary;
	const given = `A rollback was recommended early, ${minute} min after finish`;
	if (outcome === "confirmed") return `${given}, and the verdict confirms it.`;
	if (outcome === "withdrawn") return `${given}; the verdict withdraws it.`;
	if (verdict !== null && state === "finished") return `${given}: observation goes on, and the verdict confirms or withdraws it.`;
	if (verdict !== null) return `${given}; the verdict neither confirms nor withdraws it.`;
	return `A rollback is recommended before the window is over, ${minute} min after finish. ${summary}`;
}
// src/report/units.ts
const MILLISECONDS = [{
	factor: .001,
	name: " s",
	from: 1e4
}, {
	factor: 1,
	name: " ms",
	from: 0
}];
const RATES = [
	{
		factor: 1e-9,
		name: " G/s",
		from: 1e9
	},
	{
		factor: 1e-6,
		name: " M/s",
		from: 1e6
	},
	{
		factor: .001,
		name: " k/s",
		from: 1e4
	},
	{
		factor: 1,
		name: "/s",
		from: .5
	},
	{
		factor: 60,
		name: "/min",
		from: Number.MIN_VALUE
	},
	{
		factor: 1,
		name: "/s",
		from: 0
	}
];
const SHARES = [{
	factor: 100,
	name: " %",
	from: 0
}];
const CORES = [{
	factor: 1,
	name: " cores",
	from: 0
}];
const POINTS = [{
	factor: 100,
	name: " pts",
	from: 0
}];
const WHOLE_RATE = .5;
function unitsOf(metric, isChange) {
	if (metric === "latency_p95" || metric === "latency_mean") return MILLISECONDS;
	if (metric === "cpu_cores") return CORES;
	if (metric === "requests_per_sec") return RATES;
	if (typeof metric === "string" || metric.kind === "share") return isChange ? POINTS : SHARES;
	const behind = metric.unit === "" ? "" : ` ${metric.unit}`;
	if (metric.kind === "level") return [{
		factor: 1,
		name: behind,
		from: 0
	}];
	return RATES.map((unit) => ({
		...unit,
		name: `${behind}${unit.name}`
	}));
}
const isRate = (metric) => typeof metric === "string" ? metric === "requests_per_sec" : metric.kind === "rate";
function unitFor(units, size) {
	return units.find(({ from }) => size >= from) ?? {
		factor: 1,
		name: "",
		from: 0
	};
}
// src/report/figures.ts
const MAX_SHOWN = 1e6;
const MORE_DECIMALS = 2;
function decimalsFor(size) {
	return size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
}
const MAX_ROUNDING = .1;
function commonDecimals(values) {
	const usual = decimalsFor(Math.max(0, ...values.map(Math.abs)));
	const isBlurred = (decimals) => values.some((value) => Math.abs(value - Number(value.toFixed(decimals))) > MAX_ROUNDING * Math.abs(value));
	let decimals = usual;
	while (decimals < usual + MORE_DECIMALS && isBlurred(decimals)) decimals++;
	if (isBlurred(decimals)) return usual;
	return values.every((value) => Number.isInteger(Number(value.toFixed(decimals)))) ? 0 : decimals;
}
function digitsOf(value, decimals, sign) {
	const size = Math.abs(value);
	const mark = value < 0 ? "−" : sign === "always" && value > 0 ? "+" : "";
	if (size > MAX_SHOWN) return `${mark}>${MAX_SHOWN}`;
	if (size === 0) return "0";
	const digits = size.toFixed(decimals);
	return Number(digits) === 0 ? `${mark}<${10 ** -decimals}` : `${mark}${digits}`;
}
function shown(units, values, sign, beside = []) {
	const shared = unitFor(units, Math.max(0, ...[...values, ...beside].map(Math.abs)));
	const unitOf = (value) => {
		const size = Math.abs(value);
		return size === 0 || size * shared.factor >= 1 || shared.from < 1e4 ? shared : unitFor(units, Math.max(size, WHOLE_RATE));
	};
	const decimals = commonDecimals(values.filter((value) => unitOf(value) === shared).map((value) => value * shared.factor));
	return values.map((value) => {
		const unit = unitOf(value);
		const inUnit = value * unit.factor;
		return {
			digits: digitsOf(inUnit, unit === shared ? decimals : commonDecimals([inUnit]), sign),
			unit: unit.name
		};
	});
}
function levels(metric, values) {
	return shown(unitsOf(metric, false), values, "negative");
}
function changes(metric, values, beside = []) {
	return shown(unitsOf(metric, true), values, "always", isRate(metric) ? beside : []);
}
function joined({ digits, unit }) {
	return `${digits}${unit}`;
}
function level(metric, value) {
	return alone(levels(metric, [value])[0]);
}
function change(metric, value, beside = []) {
	return alone(changes(metric, [value], beside)[0]);
}
function alone(amount) {
	if (amount === void 0) return "";
	return `${amount.digits.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "")}${amount.unit}`;
}
function range(metric, one, other, beside = []) {
	const [low, high] = changes(metric, [Math.min(one, other), Math.max(one, other)], beside);
	return low.unit === high.unit ? `${low.digits} to ${joined(high)}` : `${joined(low)} to ${joined(high)}`;
}
const MIN_FACTOR = 1.2;
const MAX_FACTOR = 1e5;
function factor(from, to) {
	if (!(from > 0) || !(to > 0)) return null;
	const times = to / from;
	if (times < MIN_FACTOR && times > 1 / MIN_FACTOR || times > MAX_FACTOR) return null;
	const shown = times >= 100 ? Number(times.toPrecision(2)) : Number(times.toFixed(times >= 10 ? 0 : times >= 1 ? 1 : 2));
	return shown === 0 ? null : `×${shown}`;
}
// src/verdict/types.ts
const METRICS = [
	"error_rate",
	"latency_p95",
	"requests_per_sec",
	"cpu_usage",
	"memory_usage"
];
const CUSTOM = "custom";
const STAND_INS = ["latency_mean", "cpu_cores"];
// src/report/basis.ts
function quantityOf(metric, { judged_by: by }) {
	return STAND_INS.find((known) => known === by) ?? metric;
}
function basisOf({ judged_by: by, p95_blind: isBlind, resolution, p95_read: read }) {
	if (by === "cpu_cores") return "In cores: no limit is set that they could be a share of.";
	const [low, high] = resolution ?? [];
	if (isBlind !== true || typeof low !== "number") return "";
	const [from, to] = levels("latency_p95", typeof high === "number" ? [low, high] : [low]);
	if (from === void 0) return "";
	const cannot = to === void 0 ? `p95 here can’t tell anything above ${joined(from)}` : `p95 here can’t tell ${from.unit === to.unit ? from.digits : joined(from)} from ${joined(to)}`;
	if (by !== "latency_mean") return `${cannot}.`;
	const [was, is] = levels("latency_p95", read ?? []);
	return `Judged by the mean: ${cannot}${was === void 0 || is === void 0 ? "" : `, and read ${joined(was)} before and ${joined(is)} after`}.`;
}
function controlOf(quantity, { control, expected }) {
	const [was, is] = levels(quantity, control ?? []);
	if (was === void 0 || is === void 0 || typeof expected !== "number") return "";
	return joined(was) === joined(is) ? "" : `The control went from ${joined(was)} to ${joined(is)} in the same minutes.`;
}
// src/report/words.ts
const SUBJECT = {
	error_rate: "errors",
	latency_p95: "p95 latency",
	requests_per_sec: "traffic",
	cpu_usage: "CPU",
	memory_usage: "memory",
	latency_mean: "mean latency",
	cpu_cores: "CPU"
};
const NAME = {
	error_rate: "Error rate",
	latency_p95: "p95 latency",
	requests_per_sec: "Traffic",
	cpu_usage: "CPU",
	memory_usage: "Memory",
	latency_mean: "Mean latency",
	cpu_cores: "CPU"
};
const BADGE = {
	ok: "OK",
	attention: "Attention",
	rollback: "Rollback recommended",
	"no-data": "Not enough data",
	observing: "Being observed",
	running: "Deploying",
	abandoned: "Abandoned"
};
const SHORT = {
	ok: "OK",
	attention: "Attention",
	rollback: "Rollback",
	"no-data": "No data",
	observing: "Observed",
	running: "Deploying",
	abandoned: "Abandoned"
};
function capitalised(sentence) {
	return sentence.startsWith("p95") ? sentence : sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
const COUNT_WORDS = "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split(" ");
function counted$1(count) {
	return COUNT_WORDS[count] ?? String(count);
}
function worthOf(isAlarm, rightShare, mayBeOthers = false) {
	if (rightShare === null) return "";
	const what = isAlarm ? "alarms" : "all-clears";
	if (!isAlarm && rightShare >= .95) return `Of a hundred all-clears like this about ${Math.min(99, Math.round(rightShare * 100))} are right.`;
	const of = Math.max(1, Math.min(19, Math.round(rightShare * 20)));
	const whatOf = mayBeOthers ? " that it got worse; whose doing it was they do not know" : "";
	return `Of twenty ${what} like this about ${counted$1(of)} ${of === 1 ? "is" : "are"} right${whatOf}.`;
}
// src/report/measure.ts
function isMetric(name) {
	return METRICS.includes(name);
}
function judgedOn(finding) {
	const { metric, name, kind = "level", worse = "up", unit = "" } = finding;
	if (isMetric(metric)) return metric;
	if (metric !== "custom" || name === void 0) return null;
	return {
		name,
		kind,
		worse,
		unit: kind === "share" ? "" : kind === "rate" ? unit.replace(/\/s$/, "") : unit
	};
}
function metricOf(judged) {
	return typeof judged === "string" ? judged : CUSTOM;
}
function keyOf(judged) {
	return typeof judged === "string" ? judged : `${CUSTOM}-${judged.name}`;
}
function falls(measure) {
	return typeof measure === "string" ? measure === "requests_per_sec" : measure.worse === "down";
}
function nameOf(measure) {
	return typeof measure === "string" ? NAME[measure] : measure.name;
}
function subjectOf(measure) {
	return typeof measure === "string" ? SUBJECT[measure] : measure.name;
}
function valueIn(sample, measure) {
	if (typeof measure === "string") return sample[measure] ?? null;
	const { custom } = sample;
	return custom !== void 0 && Object.hasOwn(custom, measure.name) ? custom[measure.name] ?? null : null;
}
// src/report/metric-report.ts
function metricReports(details) {
	const reports = details.flatMap((finding) => {
		const judged = judgedOn(finding);
		return judged === null ? [] : [metricReport(judged, finding)];
	});
	const place = ({ metric }) => metric === "custom" ? METRICS.length : METRICS.indexOf(metric);
	const rank = {
		critical: 2,
		attention: 1,
		none: 0
	};
	return reports.toSorted((one, other) => rank[other.severity] - rank[one.severity] || (one.severity === "none" ? 0 : other.numbers.strength - one.numbers.strength) || place(one) - place(other));
}
function metricReport(metric, finding) {
	const { baseline, observed, severity } = finding;
	const evidence = finding.evidence ?? {};
	const quantity = quantityOf(metric, evidence);
	const basis = [controlOf(quantity, evidence), basisOf(evidence)].filter((sentence) => sentence !== "").join(" ");
	const numbers = {
		baseline,
		observed,
		threshold: evidence.threshold ?? null,
		change: evidence.change ?? null,
		low: evidence.interval?.[0] ?? null,
		high: evidence.interval?.[1] ?? null,
		limit: evidence.limit ?? null,
		strength: evidence.strength ?? 0
	};
	const isJudged = (evidence.not_judged ?? null) === null && baseline !== null && observed !== null;
	const outcome = severity !== "none" ? "failed" : isJudged ? "passed" : "not-judged";
	const sign = falls(metric) ? -1 : 1;
	const beside = [baseline ?? 0, observed ?? 0];
	return {
		...identityOf(metric, quantity),
		basis,
		severity,
		outcome,
		...beforeAndAfter(quantity, baseline, observed),
		change: numbers.change === null ? null : change(quantity, sign * numbers.change, beside),
		factor: outcome === "failed" && baseline !== null && observed !== null ? factor(baseline, observed) : null,
		interval: numbers.low === null || numbers.high === null ? null : range(quantity, sign * numbers.low, sign * numbers.high, beside),
		matters: numbers.limit === null ? null : change(quantity, sign * numbers.limit, beside),
		proof: [outcome === "failed" ? proofOf(quantity, evidence) : outcome === "passed" ? calmOf(evidence) : unjudgedOf(evidence), outcome === "not-judged" ? "" : basis].filter((sentence) => sentence !== "").join(" "),
		reason: finding.reason,
		numbers
	};
}
function identityOf(judged, quantity) {
	return {
		metric: metricOf(judged),
		quantity,
		key: keyOf(judged),
		name: nameOf(quantity)
	};
}
function beforeAndAfter(metric, baseline, observed) {
	const shown = levels(metric, [baseline, observed].filter((value) => value !== null));
	return {
		before: baseline === null ? null : shown[0] ?? null,
		after: observed === null ? null : shown.at(-1) ?? null
	};
}
const RULE_WORDS = {
	late_shift: "It got worse in the course of the window: ",
	repeated_excess: "Again and again: ",
	silence: "It nearly stopped: ",
	ramp_loss: "It broke off its rise: "
};
function wordsOf(metric, rule) {
	if (rule === "silence" && typeof metric === "string") return "The requests nearly stopped: ";
	return RULE_WORDS[rule ?? ""] ?? "";
}
function proofOf(metric, evidence) {
	const { rule, limit, threshold, samples_beyond: beyond, samples_after: after, expected, alternative } = evidence;
	const end = alternative ? `; ${alternative.replaceAll("`", "")}.` : ".";
	if ((rule === "leak" || rule === "refill") && typeof limit === "number") return `${rule === "leak" ? "It climbs steadily, as a leak does" : "It climbs ever more slowly, as a leak may begin"}; a climb of ${change(metric, limit).replace("+", "")} matters${end}`;
	if (typeof threshold !== "number" || typeof beyond !== "number" || after === void 0) return "";
	const where = typeof expected === "number" ? `, where ${level(metric, expected)} were expected` : "";
	const side = falls(metric) ? "below" : "above";
	return `${wordsOf(metric, rule)}${beyond} of ${after} samples ${side} the limit, ${level(metric, threshold)}${where}${end}`;
}
function calmOf({ below_limit: isSmall, own_noise: noise, change: by, limit }) {
	if (isSmall === true) return "More than chance, less than matters.";
	if (typeof noise === "number" && typeof by === "number" && typeof limit === "number" && by >= limit) return "As it does by itself when nothing is deployed.";
	return "";
}
function unjudgedOf({ not_judged: why }) {
	return `Not judged: ${why ?? "nothing to compare"}.`;
}
function told(amount) {
	return amount === null ? "nothing read" : joined(amount);
}
// src/report/plain.ts
function calm(text) {
	return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");
}
function shortCommit(commit) {
	return /^[0-9a-f]{12,64}$/i.test(commit) ? commit.slice(0, 7) : commit;
}
// src/report/times.ts
const iso = (atMs) => new Date(atMs).toISOString();
const hourMinute = (atMs) => iso(atMs).slice(11, 16);
const clock = (atMs) => iso(atMs).slice(11, 19);
const MONTHS = [
	"Jan",
	"Feb",
	"Mar",
	"Apr",
	"May",
	"Jun",
	"Jul",
	"Aug",
	"Sep",
	"Oct",
	"Nov",
	"Dec"
];
function day(atMs, nowMs) {
	const at = new Date(atMs);
	const year = at.getUTCFullYear() === new Date(nowMs).getUTCFullYear() ? "" : ` ${at.getUTCFullYear()}`;
	return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}${year}`;
}
const dayTime = (atMs, nowMs) => `${day(atMs, nowMs)} ${hourMinute(atMs)}`;
function timeNear(atMs, nearMs) {
	return iso(atMs).slice(0, 10) === iso(nearMs).slice(0, 10) ? hourMinute(atMs) : dayTime(atMs, nearMs);
}
function duration(lengthMs) {
	const seconds = Math.max(0, Math.round(lengthMs / 1e3));
	if (seconds < 90) return `${seconds} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 10) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
	const whole = Math.round(seconds / 60);
	if (whole < 90) return `${whole} min`;
	const hours = Math.floor(whole / 60);
	if (hours < 48) return whole % 60 === 0 ? `${hours} h` : `${hours} h ${whole % 60} min`;
	const rest = Math.round(whole / 60) % 24;
	return rest === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${rest} h`;
}
// src/report/markdown.ts
const MARK = {
	ok: "✔",
	attention: "▲",
	rollback: "✖",
	"no-data": "○",
	observing: "◔",
	running: "◔",
	abandoned: "–"
};
function markdownOf(report) {
	const { url } = report;
	return `${[
		`### ${MARK[report.tone]} ${report.badge}: ${escaped(report.project)} #${report.number} in ${escaped(report.env)}`,
		`**${escaped(report.sentence)}**`,
		escaped(report.worth),
		[lookFirst(report), ...report.hints.map(escaped)].filter((text) => text !== "").join(" "),
		...report.later.map(({ text }) => escaped(text)),
		...report.notes.map(escaped),
		table(report.metrics),
		report.metrics.filter(({ basis, outcome }) => basis !== "" && outcome !== "not-judged").map(({ name, basis }) => `${name}: ${basis}`).join(" "),
		report.leftOut.length === 0 ? "" : `Left out: ${escaped(report.leftOut.join("; "))}.`,
		originLine(report),
		url === null ? "" : `[Report](${linkTarget(url)})`
	].filter((part) => part !== "").join("\n\n")}\n`;
}
function lookFirst({ lookFirst: first }) {
	return first === null ? "" : `Look first at ${escaped(first.name)}: ${first.text} (UTC).`;
}
function table(metrics) {
	if (metrics.every(({ before, after }) => before === null && after === null)) return "";
	const isJudged = metrics.some(({ outcome }) => outcome !== "open");
	return [...isJudged ? ["| | Before → after | Change | 95 % interval | Matters from |", "|---|--:|--:|--:|--:|"] : ["| | Before | Now |", "|---|--:|--:|"], ...metrics.map((metric) => isJudged ? judgedRow(metric) : openRow(metric))].join("\n");
}
function judgedRow(report) {
	const { outcome, severity, before, after } = report;
	const name = escaped(report.name);
	const mark = severity === "critical" ? "✖ " : severity === "attention" ? "▲ " : "";
	const values = `${told(before)} → ${told(after)}`;
	const [shownName, shown] = outcome === "failed" ? [`**${mark}${name}**`, `**${values}**`] : [name, values];
	if (outcome === "not-judged") return `| ${shownName} | ${shown} | not judged | | |`;
	return `| ${shownName} | ${shown} | ${report.change ?? ""} | ${report.interval ?? ""} | ${report.matters ?? ""} |`;
}
function openRow({ name, before, after }) {
	return `| ${escaped(name)} | ${before === null ? "" : joined(before)} | ${after === null ? "" : joined(after)} |`;
}
function originLine({ origin, startedAtMs, nowMs, steps }) {
	const verdict = steps.find(({ label }) => label === "Verdict");
	return [
		origin.version === null ? "" : `version ${code(origin.version)}`,
		origin.commit === null ? "" : `commit ${code(shortCommit(origin.commit))}`,
		origin.branch === null ? "" : `branch ${code(origin.branch)}`,
		origin.actor === null ? "" : `by ${escaped(origin.actor)}`,
		origin.build === null ? "" : `[build](${linkTarget(origin.build.url)})`,
		`${dayTime(startedAtMs, nowMs)}${typeof verdict?.atMs === "number" ? `, verdict ${clock(verdict.atMs)}` : ""} UTC`
	].filter((text) => text !== "").join(" · ");
}
function escaped(text) {
	return calm(text).replace(/[\\`*_{}[\]()#+!|~>-]/g, (mark) => mark === "-" || mark === "(" || mark === ")" || mark === "+" ? mark : `\\${mark}`).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/@(?=\w)/g, "@​").replace(/:\/\//g, ":​//").replace(/www\./gi, (found) => `${found.slice(0, -1)}\u200b.`);
}
function code(text) {
	const inside = calm(text).replaceAll("|", "\\|");
	const ticks = "`".repeat(1 + Math.max(0, ...(inside.match(/`+/g) ?? []).map((run) => run.length)));
	return ticks.length === 1 ? `\`${inside}\`` : `${ticks} ${inside} ${ticks}`;
}
function linkTarget(url) {
	return calm(url).replace(/[()<>\s\\|`*[\]]/g, (mark) => `%${mark.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`);
}
// src/report/compared.ts
function comparedOf({ baseline, started_at, samples }, nowMs) {
	if (baseline === null || baseline === void 0) return {
		text: "",
		since: null
	};
	const { source, samples: count, from, until, note, good_since: since } = baseline;
	const startedMs = Date.parse(started_at);
	const said = note === null ? "" : `${capitalised(withTimes(note, nowMs)).replace(/\.$/, "")}.`;
	if (source === "last_good") return {
		text: said,
		since: null
	};
	if (source === "at_trigger" || from === null || until === null) {
		const came = samples?.before.collected ?? count;
		const read = came === 1 ? "One sample read at the trigger" : `${capitalised(counted$1(came))} samples read at the trigger`;
		return {
			text: said === "" ? `${read}.` : `${read}. ${said}`,
			since
		};
	}
	const [first, last] = [Date.parse(from), Date.parse(until)].map((atMs) => timeNear(atMs, startedMs));
	const span = count === 1 ? `The reading of ${first}` : `The ${count} readings of ${first} to ${last}`;
	const minutes = (Date.parse(until) - Date.parse(from)) / 6e4;
	return {
		text: `${span}${count > 1 && minutes <= count ? ", one a minute" : ""}, from before this deployment.${said === "" ? "" : ` ${said}`}`,
		since
	};
}
function withTimes(text, nowMs) {
	return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) => dayTime(Date.parse(time), nowMs));
}
// src/report/first-beyond.ts
function isBeyond({ quantity, numbers }, value) {
	const { threshold } = numbers;
	if (threshold === null || value === null) return false;
	return falls(quantity) ? value < threshold : value > threshold;
}
function firstBeyond(metrics, samples) {
	const after = samples.filter(({ phase }) => phase === "post");
	let first = null;
	for (const report of metrics) {
		if (report.outcome !== "failed") continue;
		const index = after.findIndex((sample) => isBeyond(report, valueIn(sample, report.quantity)));
		if (index >= 0 && (first === null || index < first.index)) first = {
			report,
			index
		};
	}
	const sample = first === null ? void 0 : after[first.index];
	if (first === null || sample === void 0) return null;
	const atMs = Date.parse(sample.collected_at);
	const { metric, key, quantity, numbers } = first.report;
	const stays = after.slice(first.index).every((one) => {
		const value = valueIn(one, quantity);
		return value === null || isBeyond(first.report, value) || numbers.threshold === null;
	});
	const which = first.index === 0 ? "the first sample after the deployment" : `sample ${first.index + 1} of ${after.length}`;
	const text = stays ? `beyond its limit since ${clock(atMs)}, ${which}` : `first beyond its limit at ${clock(atMs)}, ${which}`;
	return {
		metric,
		key,
		name: first.report.name,
		atMs,
		text
	};
}
// src/report/headline.ts
const MAX_CHARACTERS = 120;
const WITHOUT_ALARM = {
	ok: "no metric got worse",
	attention: "a metric got worse",
	rollback_recommended: "metrics got worse",
	insufficient_data: "not enough data to say"
};
function headlineOf({ verdict, details }) {
	if (verdict === "ok" || verdict === "insufficient_data") return WITHOUT_ALARM[verdict];
	const clauses = details.filter(({ severity }) => severity !== "none").toSorted((one, other) => rank(other) - rank(one) || strength(other) - strength(one)).map(clauseOf).filter((clause) => clause !== null);
	for (let shown = clauses.length; shown > 0; shown -= 1) {
		const rest = clauses.length - shown;
		const text = listed([...clauses.slice(0, shown), ...rest === 0 ? [] : [`${rest} more`]]);
		if (text.length <= MAX_CHARACTERS) return text;
	}
	return WITHOUT_ALARM[verdict];
}
const rank = ({ severity }) => severity === "critical" ? 1 : 0;
const strength = ({ evidence }) => evidence?.strength ?? 0;
function clauseOf({ custom, ...detail }) {
	const { baseline, observed } = detail;
	const judged = judgedOn({
		...detail,
		...custom
	});
	if (baseline === null || observed === null || judged === null) return null;
	const measure = quantityOf(judged, detail.evidence ?? {});
	const verb = falls(measure) ? "fell" : "rose";
	const [from, to] = levels(measure, [baseline, observed]).map(joined);
	return `${subjectOf(measure)} ${verb} from ${from} to ${to}`;
}
function listed(clauses) {
	const last = clauses.at(-1) ?? "";
	return clauses.length < 2 ? last : `${clauses.slice(0, -1).join(", ")} and ${last}`;
}
// src/report/late.ts
function laterNotes({ late_checks: checks }) {
	return (checks ?? []).map(({ verdict, summary }) => verdict === "attention" ? {
		isWorse: true,
		text: `Worse since the verdict. ${summary}`
	} : {
		isWorse: false,
		text: summary
	}).sort((one, other) => Number(other.isWorse) - Number(one.isWorse));
}
// src/report/found.ts
function foundNote({ origin, version, pipeline_result: result, started_at: startedAt }) {
	if (origin !== "detected") return null;
	const name = calm(version ?? "");
	const short = name.length > 60 ? `${name.slice(0, 59)}…` : name;
	return `${result === null ? "Nobody announced this deployment" : "Nobody had announced this deployment yet"}: it was found by its version ${short}, which took requests from ${hourMinute(Date.parse(startedAt))} UTC on.`;
}
// src/report/others.ts
const MAX_NAMED = 3;
function othersNote({ verdict, env }) {
	const others = verdict?.others ?? null;
	if (others === null || others.worse === 0) return null;
	const { suspects, lowered, projects } = others;
	if (suspects === 0) return `In the same minutes ${counted(others, others.worse, env)} got worse too${toldOf(others, projects)}; none is likely to be the cause.`;
	const named = projects?.filter(({ suspect }) => suspect) ?? null;
	const without = lowered ? " Without that a rollback would be recommended." : "";
	return `Perhaps not this deployment: in the same minutes ${counted(others, suspects, env)} got worse and may be the cause${toldOf(others, named)}.${without}`;
}
const counted = ({ looked_at: lookedAt }, count, env) => lookedAt === 1 ? `the other project of ${env}` : `${count} of ${lookedAt} other projects of ${env}`;
function toldOf({ since }, projects) {
	if (projects === null || projects.length === 0) return since === null ? "" : `, from ${at(since)} UTC on`;
	const first = projects.slice(0, MAX_NAMED).map(({ name, since: from }) => {
		const quoted = `“${calm(name)}”`;
		return from === null ? quoted : `${quoted} from ${at(from)} on`;
	});
	const more = projects.length - first.length;
	return `: ${listed([...first, ...more > 0 ? [`${more} more`] : []])} (UTC)`;
}
const at = (time) => hourMinute(Date.parse(time));
// src/report/notes.ts
const OUTCOME_WORDS = {
	cancelled: "was cancelled",
	canceled: "was cancelled",
	skipped: "was skipped"
};
function notesOf(deployment, tone) {
	const notes = [
		earlyNote(deployment),
		othersNote(deployment),
		foundNote(deployment)
	].filter((note) => note !== null);
	if (deployment.pipeline_result === "failed") {
		const how = OUTCOME_WORDS[deployment.pipeline_outcome ?? ""] ?? "failed";
		notes.push(`The pipeline itself ${how}. That is no evidence about the five numbers.`);
	}
	if (deployment.superseded_by !== null && tone !== "abandoned") {
		const { collected, expected } = deployment.samples?.after ?? {
			collected: 0,
			expected: 0
		};
		const on = expected > 0 ? `${counted$1(collected)} of ${counted$1(expected)} samples` : "the samples that there were";
		notes.push(`A newer deployment started here before the window was over: judged on ${on}.`);
	}
	if (tone === "abandoned" && deployment.superseded_by === null) notes.push("Its environment is free again. Call finish also when a pipeline fails, or let seqpulse run do it.");
	return notes;
}
// src/report/open-metrics.ts
function openMetrics(samples, limits = {}) {
	return METRICS.map((metric) => {
		const baseline = medianOf(samples, "pre", metric);
		const observed = medianOf(samples, "post", metric);
		return {
			...identityOf(metric, metric),
			basis: "",
			severity: "none",
			outcome: "open",
			...beforeAndAfter(metric, baseline, observed),
			change: null,
			factor: null,
			interval: null,
			matters: null,
			proof: "",
			reason: "",
			numbers: {
				baseline,
				observed,
				threshold: baseline === null ? null : thresholdOf(metric, baseline, limits),
				change: null,
				low: null,
				high: null,
				limit: null,
				strength: 0
			}
		};
	});
}
function thresholdOf(metric, baseline, limits) {
	const rise = (name) => limits[name] === void 0 ? null : baseline + limits[name];
	const { latency_p95_growth: growth, latency_p95_rise_ms: riseMs, requests_per_sec_drop: drop } = limits;
	switch (metric) {
		case "latency_p95": return growth === void 0 ? null : baseline + Math.max(growth * baseline, riseMs ?? 0);
		case "requests_per_sec": return drop === void 0 ? null : baseline * (1 - drop);
		default: return rise(`${metric}_rise`);
	}
}
function medianOf(samples, phase, metric) {
	const sorted = samples.filter((sample) => sample.phase === phase).flatMap((sample) => sample[metric] ?? []).toSorted((one, other) => one - other);
	const middle = sorted.length / 2;
	const upper = sorted[Math.floor(middle)];
	if (upper === void 0) return null;
	return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
// src/report/origin.ts
function originOf(deployment) {
	return {
		version: deployment.version ?? null,
		commit: deployment.commit_sha ?? null,
		branch: deployment.branch,
		actor: deployment.actor ?? null,
		service: deployment.service ?? null,
		build: buildOf(deployment.build_url ?? null)
	};
}
function buildOf(text) {
	const match = text === null ? null : /^https?:\/\/([^/?#\s@]+)[^\s]*$/i.exec(text);
	return text === null || match === null ? null : {
		url: text,
		host: match[1] ?? ""
	};
}
// src/report/steps.ts
const ms = (time) => typeof time === "string" ? Date.parse(time) : null;
function stepsOf(deployment, nowMs) {
	const { state, pipeline_result: result } = deployment;
	const isFound = deployment.origin === "detected";
	const startedMs = Date.parse(deployment.started_at);
	const finishedMs = ms(deployment.finished_at);
	const analyzedMs = ms(deployment.analyzed_at);
	const dueMs = ms(deployment.verdict_due_at);
	const untilMs = ms(deployment.observed_until) ?? (state === "finished" ? dueMs : null);
	const triggered = {
		label: isFound ? "First seen" : "Triggered",
		atMs: startedMs,
		note: "",
		isDone: true
	};
	if (state === "abandoned") return [triggered, {
		label: "Abandoned",
		atMs: null,
		note: "",
		isDone: true
	}];
	return [
		triggered,
		{
			label: isFound ? "Found" : finishedMs !== null && result === "failed" ? "Pipeline failed" : "Pipeline finished",
			atMs: finishedMs,
			note: finishedMs === null ? "" : duration(finishedMs - startedMs),
			isDone: finishedMs !== null
		},
		{
			label: "Observed until",
			atMs: untilMs,
			note: untilMs === null || finishedMs === null ? "" : duration(untilMs - finishedMs),
			isDone: state === "analyzed"
		},
		state === "analyzed" ? {
			label: "Verdict",
			atMs: analyzedMs,
			note: "",
			isDone: true
		} : {
			label: "Verdict due",
			atMs: dueMs,
			note: dueMs === null || dueMs <= nowMs ? "" : `in ${duration(dueMs - nowMs)}`,
			isDone: false
		}
	];
}
// src/report/report.ts
function reportOf(deployment, now, samples = []) {
	const { verdict } = deployment;
	const tone = toneOf(deployment);
	const used = usedSamples(deployment, samples);
	const counted = new Set(used);
	const metrics = metricsOf(deployment, used);
	const headline = headlineFor(deployment, tone, metrics);
	const steps = stepsOf(deployment, now);
	return {
		id: deployment.id,
		number: deployment.number,
		project: deployment.project,
		env: deployment.env,
		tone,
		badge: BADGE[tone],
		short: SHORT[tone],
		title: `${SHORT[tone]}: ${deployment.project} #${deployment.number} in ${deployment.env}`,
		sentence: `${headline}.`,
		headline,
		worth: worth(tone, verdict, metrics),
		notes: notesOf(deployment, tone),
		later: laterNotes(deployment),
		lookFirst: firstBeyond(metrics, used),
		hints: (verdict?.hints ?? []).filter(({ kind }) => FURTHER_HINTS.has(kind)).map(({ text }) => text),
		compared: comparedOf(deployment, now),
		failedReads: failedReadsOf(deployment),
		isDetected: deployment.origin === "detected",
		origin: originOf(deployment),
		steps,
		metrics,
		samples,
		used,
		unused: samples.filter((sample) => !counted.has(sample)).map((sample) => ({
			sample,
			why: sample.left_out ?? "not part of the baseline"
		})),
		counts: deployment.samples ?? countsOf(samples),
		leftOut: (verdict?.left_out ?? []).map(({ phase, count, text }) => `${count} ${phase === "pre" ? "before" : "after"}: ${text}`),
		feedback: feedbackOf(deployment),
		dueAtMs: timeOf(deployment.verdict_due_at),
		startedAtMs: Date.parse(deployment.started_at),
		finishedAtMs: timeOf(deployment.finished_at),
		observedUntilMs: steps.find(({ label }) => label === "Observed until")?.atMs ?? null,
		summary: verdict?.summary ?? null,
		url: deployment.html_url ?? null,
		nowMs: now
	};
}
function usedSamples({ verdict }, all) {
	const samples = all.filter(({ left_out: leftOut }) => leftOut === void 0);
	const isReplaced = verdict?.left_out?.some(({ phase, reason }) => phase === "pre" && reason === "other_baseline");
	if (!samples.some((sample) => sample.from_baseline === true) || isReplaced === false) return samples;
	return samples.filter((sample) => sample.phase === "post" || sample.from_baseline === true);
}
function metricsOf({ verdict, limits }, samples) {
	if (verdict === null) return openMetrics(samples, limits ?? {});
	const judged = metricReports(verdict.details);
	if (verdict.verdict !== "insufficient_data") return judged;
	const open = new Map(openMetrics(samples).map((metric) => [metric.key, metric]));
	return judged.map((metric) => {
		const { quantity, name, numbers, before, after } = open.get(metric.key) ?? metric;
		return {
			...metric,
			quantity,
			name,
			numbers: {
				...metric.numbers,
				baseline: numbers.baseline,
				observed: numbers.observed
			},
			before,
			after
		};
	});
}
const timeOf = (time) => typeof time === "string" ? Date.parse(time) : null;
const TONE_OF_VERDICT = {
	ok: "ok",
	attention: "attention",
	rollback_recommended: "rollback",
	insufficient_data: "no-data"
};
function toneOf({ state, verdict }) {
	if (verdict !== null) return TONE_OF_VERDICT[verdict.verdict];
	return {
		running: "running",
		finished: "observing",
		abandoned: "abandoned",
		analyzed: "no-data"
	}[state];
}
function headlineFor(deployment, tone, metrics) {
	const { verdict, samples } = deployment;
	if (verdict !== null) {
		if (tone === "no-data") return `Not judged: ${whyNotJudged(verdict, samples?.after)}`;
		if (tone !== "ok") return metrics[0]?.metric === "custom" ? headlineOf(verdict) : capitalised(headlineOf(verdict));
		const nothing = metrics.some(({ proof }) => proof.includes("The control went from")) ? "Nothing got worse than at the control" : "Nothing got worse";
		const judged = metrics.filter(({ outcome }) => outcome !== "not-judged").length;
		if (judged < metrics.length) return `${nothing} in ${judged} of ${metrics.length} metrics`;
		return metrics.some(({ proof }) => proof.includes("less than matters")) ? "Nothing got worse by as much as matters" : nothing;
	}
	if (tone === "abandoned") return deployment.superseded_by === null ? "Not judged: the pipeline never said that it had finished" : "Not judged: a newer deployment took its place";
	if (tone === "running") return "The pipeline is still running";
	const due = deployment.verdict_due_at;
	const after = samples?.after;
	const came = after === void 0 ? "Being observed" : `${after.collected} of ${after.expected} samples so far`;
	return typeof due === "string" ? `${came}, verdict due ${hourMinute(Date.parse(due))}` : came;
}
function whyNotJudged({ summary }, after) {
	if (after?.collected === 0) return "no sample could be read after the deployment";
	const told = summary.replace(/^((insufficient data|not enough data|not judged): *)+/i, "").replace(/\.$/, "").replace(/ \(\d+ of \d+ samples .*\)$/, "");
	if (told === "") return "not enough data";
	return /^[A-Z][a-z]/.test(told) ? told.charAt(0).toLowerCase() + told.slice(1) : told;
}
function worth(tone, verdict, metrics) {
	if (verdict === null) return "";
	if (tone === "no-data") return "This says nothing about the deployment itself, neither good nor bad.";
	const names = (outcome) => metrics.filter((metric) => metric.outcome === outcome).map(({ name }) => name);
	const passed = names("passed");
	const unjudged = names("not-judged");
	return [
		worthOf(tone !== "ok", verdict.trust?.right_share ?? null, (verdict.others?.suspects ?? 0) > 0),
		tone === "ok" || passed.length === 0 ? "" : `${listed(passed)} did not get worse.`,
		unjudged.length === 0 ? "" : `${listed(unjudged)} could not be judged.`
	].filter((text) => text !== "").join(" ");
}
const FURTHER_HINTS = new Set([
	"moved_later",
	"moved_with",
	"reads",
	"trace"
]);
function failedReadsOf({ failed_reads: failed }) {
	if (failed === void 0 || failed.last === null) return null;
	return {
		tries: failed.tries,
		last: failed.last.error,
		lastAtMs: Date.parse(failed.last.at)
	};
}
function feedbackOf({ feedback }) {
	if (feedback === null || feedback === void 0) return null;
	return {
		correct: feedback.correct,
		note: feedback.note,
		givenAtMs: Date.parse(feedback.given_at)
	};
}
function countsOf(samples) {
	const of = (phase) => {
		const count = samples.filter((sample) => sample.phase === phase).length;
		return {
			expected: count,
			collected: count
		};
	};
	return {
		before: of("pre"),
		after: of("post")
	};
}
// src/report/text.ts
function textOf(report) {
	const kept = [
		`${report.badge}: ${report.project} #${report.number} in ${report.env}`,
		"",
		report.sentence,
		...sentences(report),
		"",
		...metricLines(report.metrics),
		"",
		originText(report),
		report.url ?? ""
	].map((line) => calm(line).trimEnd());
	return `${kept.filter((line, index) => line !== "" || kept[index - 1] !== "").join("\n").trim()}\n`;
}
function sentences(report) {
	const { lookFirst } = report;
	return [
		report.worth,
		lookFirst === null ? "" : `Look first at ${lookFirst.name}: ${lookFirst.text} (UTC).`,
		...report.hints,
		...report.later.map(({ text }) => text),
		...report.notes
	].filter((text) => text !== "");
}
function metricLines(metrics) {
	const rows = metrics.map((metric) => [
		metric.severity === "critical" ? "✖" : metric.severity === "attention" ? "▲" : " ",
		metric.name,
		valuesOf(metric),
		changeOf(metric)
	]);
	const width = (column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0));
	const [names, values] = [width(1), width(2)];
	return rows.map(([mark = "", name = "", value = "", change = ""]) => `${mark} ${name.padEnd(names)}  ${value.padEnd(values)}  ${change}`.trimEnd());
}
function valuesOf({ before, after, outcome }) {
	if (before === null && after === null) return "nothing read";
	if (outcome === "open" && after === null) return before === null ? "" : `${joined(before)} before`;
	return `${told(before)} → ${told(after)}`;
}
function changeOf({ outcome, change, interval, matters }) {
	if (outcome === "not-judged") return "not judged";
	if (change === null) return "";
	return `${change}${interval === null ? "" : ` (${interval})`}${matters === null ? "" : `, matters from ${matters}`}`;
}
function originText({ origin }) {
	const { version, commit, branch, actor } = origin;
	return [
		version,
		commit === null ? null : shortCommit(commit),
		branch,
		actor
	].filter((text) => text !== null).map(calm).join(" · ");
}
// cli/out/junit.ts
const UNSPEAKABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
function junitOf(outcome) {
	const { deployment, kind, reason } = outcome;
	const isFailed = outcome.exitCode !== 0;
	const metrics = metricReports((outcome.isEarly === true ? deployment?.preliminary : deployment?.verdict)?.details ?? []).map((metric) => {
		const body = metric.outcome === "not-judged" ? `<skipped message="${xml(metric.proof)}"/>` : metric.severity !== "none" && kind === "failed" ? failure(metric.proof, metric.reason) : `<system-out>${xml(metric.reason)}</system-out>`;
		return testCase(metric.name, body);
	});
	const told = lines(deployment?.verdict ?? null) ?? reason;
	const gate = isFailed ? failure(reason, told) : kind === "passed" ? `<system-out>${xml(told)}</system-out>` : `<skipped message="${xml(reason)}"/>`;
	const cases = [...metrics, testCase("verdict", gate)];
	const count = (what) => cases.filter((one) => one.includes(what)).length;
	const suite = deployment === null ? "seqpulse" : `seqpulse ${deployment.project} ${deployment.env}`;
	const counts = `tests="${cases.length}" failures="${count("<failure ")}" errors="0" skipped="${count("<skipped ")}"`;
	return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${counts}>
  <testsuite name="${xml(suite)}" ${counts}>
${cases.map((one) => `    ${one}`).join("\n")}
  </testsuite>
</testsuites>
`;
}
function lines(verdict) {
	return verdict === null ? null : [verdict.summary, ...verdict.hints.map(({ text }) => text)].join("\n");
}
function testCase(name, body) {
	return `<testcase classname="seqpulse" name="${xml(name)}" time="0">${body}</testcase>`;
}
function failure(message, text) {
	return `<failure message="${xml(message)}" type="seqpulse">${xml(text)}</failure>`;
}
function xml(text) {
	return text.replaceAll(UNSPEAKABLE, " ").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;");
}
// cli/out/render.ts
function renderOutcome(form, outcome, nowMs, style = PLAIN) {
	if (form === "json") return jsonOf(outcome);
	if (form === "junit") return junitOf(outcome);
	if (form === "markdown") return outcomeMarkdown(outcome, nowMs);
	return outcomeText(outcome, nowMs, style);
}
function outcomeMarkdown(outcome, nowMs) {
	const { kind, reason, exitCode } = outcome;
	const judged = judgedOf(outcome);
	if (judged !== null) return `${markdownOf(reportOf(judged, nowMs)).trimEnd()}\n`;
	const end = exitCode === 0 ? "The pipeline goes on without a verdict." : "The gate failed.";
	return `### ${kind === "away" ? "SeqPulse is away" : "SeqPulse: no verdict"}\n\n${asPlainMarkdown(reason)}\n\n${end}\n`;
}
function judgedOf({ deployment, isEarly = false }) {
	if (deployment === null) return null;
	return isEarly ? judgedEarly(deployment) : deployment.verdict === null ? null : deployment;
}
function jsonOf({ kind, exitCode, reason, deployment }) {
	return `${JSON.stringify({
		gate: {
			outcome: kind,
			exit_code: exitCode,
			reason
		},
		deployment
	}, null, 2)}\n`;
}
function outcomeText(outcome, nowMs, style) {
	const { exitCode, kind } = outcome;
	const judged = judgedOf(outcome);
	if (judged === null) return "";
	const [title = "", ...rest] = textOf(reportOf(judged, nowMs)).trimEnd().split("\n");
	const colour = exitCode !== 0 ? style.bad : judged.verdict?.verdict === "ok" ? style.good : style.warn;
	const early = outcome.isEarly === true ? " It did not wait for the end of the observation; --final does." : "";
	const gate = kind === "failed" ? `${style.bad("The gate failed.")}${early}` : "The gate passed.";
	return `${colour(style.bold(title))}\n${rest.join("\n")}\n\n${gate}\n`;
}
function asPlainMarkdown(text) {
	return text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_{}[\]()#+!|<>~]/g, "\\$&");
}
// cli/commands/report.ts
const formOf = ({ settings }) => settings.text("output") ?? "text";
function reportOutcome(context, outcome) {
	const { around, settings, voice } = context;
	const nowMs = Date.now();
	voice.done();
	context.hooks.ended?.(outcome);
	const text = renderOutcome("text", outcome, nowMs, styleFor(around.stdout, around.env));
	if (outcome.isLoud) sayLoudly(voice, outcome);
	else if (around.env.GITHUB_ACTIONS === "true") around.stderr.write(annotation(outcome));
	const file = settings.text("report-file");
	const form = formOf(context);
	if (file !== null) writeReport(context, file, renderOutcome(form, outcome, nowMs));
	around.stdout.write(file !== null || form === "text" ? text : renderOutcome(form, outcome, nowMs));
	const summary = around.env.GITHUB_STEP_SUMMARY;
	if (summary) appendFileSync(summary, `${outcomeMarkdown(outcome, nowMs)}\n`);
	return outcome.exitCode;
}
function annotation({ kind, reason, deployment }) {
	const verdict = deployment?.verdict?.verdict;
	return `::${kind === "failed" ? "error" : verdict === "ok" ? "notice" : "warning"} title=${`SeqPulse${deployment === null ? "" : `: ${deployment.project} #${deployment.number} in ${deployment.env}`}`.replaceAll(/[,:\r\n%]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`)}::${annotationText(reason)}\n`;
}
function sayLoudly(voice, { kind, exitCode, reason }) {
	if (exitCode === 0) voice.loud(`${reason.replace(/[.]$/, "")}. NOT CHECKED: the pipeline goes on without a verdict.`);
	else voice.loud(kind === "refused" ? `refused: ${reason}` : reason, "error");
}
function writeReport({ around }, file, text) {
	try {
		writeFileSync(resolve(around.cwd, file), text);
	} catch (error) {
		throw new Misuse(`--report-file can’t be written: ${error instanceof Error ? error.message : error}.`);
	}
}
// cli/commands/finish.ts
async function finish(context) {
	const { around, settings, voice, ci } = context;
	const id = deploymentId(context);
	if (id === null) {
		const outcome = unwatched("nothing is watched: start said why", onUnavailable(settings));
		sayLoudly(voice, outcome);
		return outcome.exitCode;
	}
	const outcome = await end(context, ciClient(context), id, settings.text("result") ?? ci?.result ?? "success");
	if (formOf(context) === "json") around.stdout.write(`${JSON.stringify({
		deployment_id: id,
		fault: outcome?.reason ?? null
	})}\n`);
	return outcome?.exitCode ?? 0;
}
async function end({ settings, around, voice, onRetry }, client, id, result) {
	const body = {
		deployment_id: id,
		result,
		...trafficFacts(settings)
	};
	const ended = await finishDeployment(around.pace, client, body, {
		retryForMs: retryForMs(settings),
		onRetry
	});
	if (ended.outcome !== "fault") {
		voice.say(ended.message);
		return null;
	}
	const outcome = outcomeOfFault(ended.fault, onUnavailable(settings));
	sayLoudly(voice, outcome);
	return outcome;
}
// cli/program.ts
async function loadPrograms() {
	const [{ spawn }, { constants }] = await Promise.all([import("node:child_process"), import("node:os")]);
	const exitCodeOf = (signal) => 128 + (signal === null ? 0 : constants.signals[signal]);
	return {
		exitCodeOf,
		run: (program, options) => runProgram({
			spawn,
			exitCodeOf
		}, program, options)
	};
}
function runProgram({ spawn, exitCodeOf }, program, options) {
	const [command = "", ...args] = program;
	const ownGroup = !options.isTerminal && process.platform !== "win32";
	const child = spawn(command, args, {
		stdio: "inherit",
		env: options.env,
		detached: ownGroup
	});
	return {
		ended: new Promise((resolve) => {
			child.once("error", (error) => resolve(error.code === "EACCES" ? 126 : 127));
			child.once("exit", (code, signal) => resolve(code ?? exitCodeOf(signal)));
		}),
		signal(signal) {
			if (child.pid === void 0) return;
			try {
				process.kill(ownGroup ? -child.pid : child.pid, signal);
			} catch {}
		}
	};
}
// cli/gate/wait.ts
const LONGEST_WAIT_SECONDS = 55;
const SHORTEST_WAIT_SECONDS = 5;
const GRACE_MS$1 = 12e4;
const UNKNOWN_DUE_MS = 18e5;
const EARLY_MS = 1500;
async function waitForEnd(pace, ask, options) {
	const startMs = pace.now();
	let deadlineMs = startMs + (options.timeoutMs ?? UNKNOWN_DUE_MS);
	let waitSeconds = LONGEST_WAIT_SECONDS;
	let last = null;
	let awaySinceMs = null;
	let tries = 0;
	let isFirst = true;
	for (;;) {
		const askedMs = pace.now();
		const leftMs = deadlineMs - askedMs;
		if (leftMs <= 0) return {
			outcome: "late",
			deployment: last,
			waitedMs: askedMs - startMs
		};
		const seconds = isFirst ? 0 : Math.max(0, Math.min(waitSeconds, Math.floor(leftMs / 1e3)));
		const answer = await ask(seconds).then(checked, (error) => faultOf(error) ?? Promise.reject(error));
		const nowMs = pace.now();
		if (!("kind" in answer)) {
			awaySinceMs = null;
			last = answer.deployment;
			if (hasEnded(last)) return {
				outcome: "ended",
				deployment: last
			};
			const { preliminary = null } = last;
			if (options.endsEarly && preliminary !== null) return {
				outcome: "early",
				deployment: last,
				preliminary
			};
			const dueInMs = dueIn(answer);
			if (options.timeoutMs === null && dueInMs !== null) deadlineMs = nowMs + dueInMs + GRACE_MS$1;
			options.onNews(last, dueInMs === null ? null : Math.max(0, dueInMs));
			if (isFirst) isFirst = false;
			else if (nowMs - askedMs >= seconds * 1e3 - EARLY_MS && seconds > 0) tries = 0;
			else await pace.sleep(Math.min(delayMs(tries++, null, pace.random) + 500, Math.max(0, deadlineMs - nowMs)));
			continue;
		}
		if (answer.kind !== "away") return {
			outcome: "fault",
			fault: answer
		};
		const waitedSeconds = Math.floor((nowMs - askedMs) / 1e3);
		if (waitedSeconds >= SHORTEST_WAIT_SECONDS && waitedSeconds < seconds && waitSeconds > SHORTEST_WAIT_SECONDS) {
			waitSeconds = Math.max(SHORTEST_WAIT_SECONDS, Math.floor(waitedSeconds * .8));
			continue;
		}
		awaySinceMs ??= nowMs;
		const inMs = delayMs(tries++, answer.retryAfterSeconds, pace.random);
		if (nowMs + inMs > Math.min(deadlineMs, awaySinceMs + options.retryForMs)) return {
			outcome: "fault",
			fault: answer
		};
		options.onRetry(answer, inMs);
		await pace.sleep(inMs);
	}
}
const hasEnded = ({ state }) => state === "analyzed" || state === "abandoned";
function checked(watched) {
	if (isDeployment(watched.deployment)) return watched;
	throw new NotSeqPulse("it answered 200, but not as SeqPulse does: is the URL right?");
}
function isDeployment(answer) {
	return typeof answer === "object" && answer !== null && "id" in answer && "state" in answer;
}
function dueIn({ deployment, serverTimeMs }) {
	if (deployment.verdict_due_at === null || deployment.verdict_due_at === void 0) return null;
	return Date.parse(deployment.verdict_due_at) - (serverTimeMs ?? Date.now());
}
// cli/commands/gate.ts
async function gate(context, client, id) {
	const { settings, around, voice, onRetry } = context;
	const early = endsEarly(settings);
	const until = early ? "preliminary" : "end";
	return reportOutcome(context, outcomeOf(await waitForEnd(around.pace, (seconds) => client.deploymentAtEnd(id, seconds, until), {
		endsEarly: early,
		timeoutMs: settings.duration("timeout"),
		retryForMs: retryForMs(settings, true),
		onNews: voice.progress,
		onRetry
	}), gateRules(settings)));
}
// cli/gate/start.ts
async function startDeployment(pace, client, body, retrying) {
	try {
		return await withRetries(pace, {
			forMs: retrying.retryForMs,
			onRetry: retrying.onRetry
		}, async () => {
			const { deployment_id: id, status, message } = await client.trigger(body);
			if (typeof id !== "string") throw new NotSeqPulse("it answered 200, but not as SeqPulse does: is the URL right?");
			if (status === "created") return {
				outcome: "watched",
				id,
				message
			};
			return await found(client, {
				id,
				message: message ?? ""
			}, body.idempotency_key);
		});
	} catch (error) {
		const fault = faultOf(error);
		if (fault === null) throw error;
		return {
			outcome: "fault",
			fault
		};
	}
}
async function found(client, existing, key) {
	const { id, message } = existing;
	const { state, idempotency_key: itsKey, origin } = await client.deployment(id);
	if (itsKey === key && (state === "running" || origin === "detected" && state === "finished")) return {
		outcome: "watched",
		id,
		message: null
	};
	return {
		outcome: "unwatched",
		reason: message
	};
}
// cli/commands/start.ts
async function start(context) {
	const { around, settings } = context;
	const begun = await begin(context, ciClient(context));
	const id = "id" in begun ? begun.id : null;
	const dotenv = settings.text("dotenv");
	try {
		handOn(id, around.env, dotenv === null ? null : resolve(around.cwd, dotenv));
	} catch (error) {
		throw new Misuse(`The id can’t be handed on: ${error instanceof Error ? error.message : error}.`);
	}
	if (formOf(context) === "json") {
		const gate = "outcome" in begun ? {
			outcome: begun.outcome.kind,
			reason: begun.outcome.reason
		} : null;
		around.stdout.write(`${JSON.stringify({
			deployment_id: id,
			unwatched: gate
		})}\n`);
	} else if (id !== null) around.stdout.write(`${id}\n`);
	return "outcome" in begun ? begun.outcome.exitCode : 0;
}
async function begin({ settings, around, voice, ci, newKey, onRetry, hooks }, client) {
	const body = triggerBody(settings, ci, newKey);
	const started = await startDeployment(around.pace, client, body, {
		retryForMs: retryForMs(settings),
		onRetry
	});
	if (started.outcome === "watched") {
		hooks.started?.(started.id);
		voice.say(`watches this deployment to ${body.env}: ${started.id}`);
		if (started.message !== null) voice.say(started.message);
		return { id: started.id };
	}
	const outcome = started.outcome === "fault" ? outcomeOfFault(started.fault, onUnavailable(settings)) : unwatched(`nothing is watched: ${started.reason}`, onUnavailable(settings));
	sayLoudly(voice, outcome);
	return { outcome };
}
// cli/commands/run.ts
const SIGNALS = [
	"SIGINT",
	"SIGTERM",
	"SIGHUP"
];
const GRACE_MS = 5e3;
const TELL_AFTER_MS = 2e3;
const CANCEL_RETRY_MS = 3e3;
async function run(context) {
	trafficFacts(context.settings);
	context.settings.duration("timeout");
	const client = ciClient(context);
	const programs = await loadPrograms();
	const begun = await begin(context, client);
	if ("outcome" in begun && begun.outcome.exitCode !== 0) return begun.outcome.exitCode;
	const id = "id" in begun ? begun.id : null;
	const { env, stdout } = context.around;
	const program = programs.run(context.args.program, {
		env: {
			...env,
			[ID_VARIABLE]: id ?? "unwatched"
		},
		isTerminal: stdout.isTTY && process.stdin.isTTY === true
	});
	const interruption = watchSignals(program);
	const first = await Promise.race([program.ended, interruption.signalled]);
	if (typeof first === "string") {
		await cancel(context, client, id, program);
		return programs.exitCodeOf(first);
	}
	interruption.stop();
	if (first !== 0) return await failed(context, client, id, first);
	if ("outcome" in begun) return reportOutcome(context, {
		...begun.outcome,
		isLoud: false
	});
	const ended = await end(context, client, begun.id, "success");
	return ended === null ? await gate(context, client, begun.id) : reportOutcome(context, {
		...ended,
		isLoud: false
	});
}
async function failed(context, client, id, code) {
	context.voice.say(`the command failed with ${code}; its verdict is not waited for`);
	if (id !== null) await end(context, client, id, "failed");
	return code;
}
async function cancel(context, client, id, program) {
	const tell = async () => {
		await within(TELL_AFTER_MS, program.ended);
		return id === null ? null : await end(hurried(context), client, id, "cancelled");
	};
	const endProgram = async () => {
		if (await within(GRACE_MS, program.ended)) return;
		program.signal("SIGKILL");
		await program.ended;
	};
	await Promise.all([tell(), endProgram()]);
	program.signal("SIGKILL");
}
async function within(ms, coming) {
	let timer;
	const late = new Promise((resolve) => {
		timer = setTimeout(() => resolve(false), ms);
	});
	try {
		return await Promise.race([coming.then(() => true), late]);
	} finally {
		clearTimeout(timer);
	}
}
function hurried(context) {
	const { settings } = context;
	const duration = (flag) => flag === "retry-for" ? CANCEL_RETRY_MS : settings.duration(flag);
	return {
		...context,
		settings: {
			...settings,
			duration
		}
	};
}
function watchSignals(program) {
	let count = 0;
	let tell = () => {};
	const signalled = new Promise((resolve) => {
		tell = resolve;
	});
	const handlers = SIGNALS.map((signal) => {
		const handler = () => {
			count += 1;
			const hasHadIt = signal === "SIGINT" && process.stdin.isTTY === true;
			if (count > 1) program.signal("SIGKILL");
			else if (!hasHadIt) program.signal(signal);
			tell(signal);
		};
		process.on(signal, handler);
		return [signal, handler];
	});
	return {
		signalled,
		stop: () => {
			for (const [signal, handler] of handlers) process.removeListener(signal, handler);
		}
	};
}
// cli/commands/wait.ts
async function wait(context) {
	const id = deploymentId(context);
	if (id !== null) return await gate(context, ciClient(context), id);
	return reportOutcome(context, unwatched("nothing is watched: start said why", onUnavailable(context.settings)));
}
// action/pull-request.ts
const TIMEOUT_MS = 1e4;
const PAGE = 100;
const MAX_PAGES = 10;
function githubApi(env, token) {
	const { GITHUB_API_URL: url, GITHUB_REPOSITORY: repository } = env;
	return url && repository && token !== "" ? {
		url,
		repository,
		token
	} : null;
}
async function findPullRequest(api, env) {
	const event = readEvent(env.GITHUB_EVENT_PATH);
	const named = event.pull_request?.number ?? (event.issue?.pull_request === void 0 ? void 0 : event.issue.number);
	if (typeof named === "number") return named;
	if (!env.GITHUB_SHA) return null;
	const pulls = await ask(api, "GET", `/commits/${encodeURIComponent(env.GITHUB_SHA)}/pulls`);
	const [newest] = Array.isArray(pulls) ? pulls : [];
	return typeof newest?.number === "number" ? newest.number : null;
}
async function keepComment(api, pullRequest, comment) {
	const body = { body: `${comment.mark}\n${comment.body}` };
	for (let page = 1; page <= MAX_PAGES; page += 1) {
		const listed = await ask(api, "GET", `/issues/${pullRequest}/comments?per_page=${PAGE}&page=${page}`);
		const comments = Array.isArray(listed) ? listed : [];
		const own = comments.find((one) => one.body?.startsWith(comment.mark));
		if (own !== void 0) {
			await ask(api, "PATCH", `/issues/comments/${own.id}`, body);
			return "changed";
		}
		if (comments.length < PAGE) break;
	}
	if (!comment.mayAdd) return "none";
	await ask(api, "POST", `/issues/${pullRequest}/comments`, body);
	return "added";
}
async function ask(api, method, path, body) {
	const response = await fetch(`${api.url}/repos/${api.repository}${path}`, {
		method,
		headers: {
			Accept: "application/vnd.github+json",
			Authorization: `Bearer ${api.token}`,
			"X-GitHub-Api-Version": "2022-11-28",
			"User-Agent": "seqpulse-action",
			...body === void 0 ? {} : { "Content-Type": "application/json" }
		},
		...body === void 0 ? {} : { body: JSON.stringify(body) },
		signal: AbortSignal.timeout(TIMEOUT_MS)
	});
	const text = await response.text();
	if (response.ok) return JSON.parse(text);
	const hint = response.status === 403 || response.status === 404 ? " (the job needs `pull-requests: write`)" : "";
	throw new Error(`GitHub answered ${response.status} to ${method} ${path}${hint}`);
}
function readEvent(path) {
	try {
		return JSON.parse(readFileSync(path ?? "", "utf8"));
	} catch {
		return {};
	}
}
// action/comment.ts
async function commentOutcome(outcome, inputs, env, nowMs) {
	const { deployment } = outcome;
	const api = githubApi(env, inputs.githubToken);
	if (inputs.comment === "false" || deployment === null || api === null) return null;
	try {
		const pullRequest = await findPullRequest(api, env);
		if (pullRequest === null) return null;
		const did = await keepComment(api, pullRequest, {
			mark: `<!-- seqpulse ${unmarked(deployment.project)}/${unmarked(deployment.env)} -->`,
			body: outcomeMarkdown(outcome, nowMs),
			mayAdd: inputs.comment === "true" || outcome.exitCode !== 0
		});
		return did === "none" ? null : `the comment on pull request #${pullRequest} is ${did}`;
	} catch (error) {
		return `no comment: ${error instanceof Error ? error.message : error}`;
	}
}
const unmarked = (name) => encodeURIComponent(name).replaceAll("-", "%2D");
// action/files.ts
function setValue(file, name, value, newDelimiter) {
	if (!file) return;
	const delimiter = `seqpulse-${newDelimiter()}`;
	appendFileSync(file, `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
}
// action/steps.ts
const STEPS = {
	run,
	start,
	finish,
	wait
};
async function mainStep(inputs, around) {
	const { env, newKey } = around;
	const output = (name, value) => setValue(env.GITHUB_OUTPUT, name, value, newKey);
	const state = (name, value) => setValue(env.GITHUB_STATE, name, value, newKey);
	let ended = null;
	const hooks = {
		started: (id) => {
			output("deployment-id", id);
			state("deploymentId", id);
		},
		ended: (outcome) => {
			ended = outcome;
		}
	};
	const folder = mkdtempSync(join(env.RUNNER_TEMP || tmpdir(), "seqpulse-"));
	try {
		const program = inputs.command === "run" ? scriptProgram(folder, inputs.script) : [];
		const { GITHUB_STEP_SUMMARY: _, ...withoutSummary } = env;
		const own = {
			...around,
			env: inputs.summary ? env : withoutSummary
		};
		const args = {
			command: inputs.command,
			given: inputs.given,
			words: inputs.words,
			program
		};
		const code = await STEPS[inputs.command](openContext(args, own, hooks));
		const outcome = ended;
		if (outcome === null) return code;
		for (const [name, value] of Object.entries(outputsOf(outcome))) output(name, value);
		const said = await commentOutcome(outcome, inputs, env, Date.now());
		if (said !== null) around.stderr.write(`seqpulse ${said}\n`);
		return code;
	} finally {
		rmSync(folder, {
			recursive: true,
			force: true
		});
	}
}
function scriptProgram(folder, script) {
	const path = join(folder, "deploy.sh");
	writeFileSync(path, script);
	return [
		"bash",
		"--noprofile",
		"--norc",
		"-eo",
		"pipefail",
		path
	];
}
function outputsOf({ deployment, reason, isEarly = false }) {
	const verdict = (isEarly ? deployment?.preliminary : deployment?.verdict) ?? null;
	const failed = (verdict?.details ?? []).filter(({ severity }) => severity !== "none").map(({ metric, name }) => name ?? metric);
	return {
		...deployment === null ? {} : { "deployment-id": deployment.id },
		verdict: verdict?.verdict ?? "",
		early: String(isEarly),
		confidence: verdict === null ? "" : String(verdict.confidence),
		summary: verdict?.summary ?? reason,
		"report-url": deployment?.html_url ?? "",
		"failed-metrics": JSON.stringify(failed),
		json: JSON.stringify(deployment)
	};
}
const POST_TIMEOUT_MS = 5e3;
async function postStep(inputs, id) {
	if (inputs.result === "success" && inputs.command === "start") return null;
	const client = createClient({
		url: inputs.url,
		apiKey: inputs.apiKey,
		timeoutMs: POST_TIMEOUT_MS
	});
	try {
		const { state } = await client.deployment(id);
		if (state !== "running") return null;
		const result = inputs.result === "" || inputs.result === "success" ? "cancelled" : inputs.result;
		const { message } = await client.finish({
			deployment_id: id,
			result
		});
		return `the job ended before its deployment was finished: it is finished as ${result}. ${message}`;
	} catch (error) {
		return `the deployment could not be finished: ${error instanceof Error ? error.message : error}`;
	}
}
// action/main.ts
const sink = (stream) => ({
	write: (text) => void stream.write(text),
	isTTY: false,
	columns: 100
});
const around = {
	env: process.env,
	cwd: process.cwd(),
	stdout: sink(process.stdout),
	stderr: sink(process.stderr),
	pace: {
		now: () => performance.now(),
		sleep: async (ms) => await setTimeout$1(ms),
		random: Math.random
	},
	newKey: randomUUID
};
async function main() {
	const { env, stdout } = around;
	if (env.STATE_isPost === "true") {
		const id = env.STATE_deploymentId;
		const said = id ? await postStep(readInputs(env), id) : null;
		if (said !== null) stdout.write(`::notice title=SeqPulse::${annotationText(said)}\n`);
		return EXIT.passed;
	}
	if (env.GITHUB_STATE) appendFileSync(env.GITHUB_STATE, "isPost=true\n");
	const inputs = readInputs(env);
	stdout.write(`::add-mask::${inputs.apiKey}\n`);
	return await mainStep(inputs, around);
}
try {
	process.exitCode = await main();
} catch (error) {
	if (!(error instanceof Misuse)) throw error;
	around.stdout.write(`::error title=SeqPulse::${annotationText(error.message)}\n`);
	process.exitCode = EXIT.misused;
}
export {};
