/** The `arenaflow` command: finds the subcommand, runs it, explains what was not understood. */
import { describeError } from "../log.ts";
import { UsageError, type Command } from "./command.ts";

interface CommandEntry {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Only the command that is asked for is loaded, with what it needs. */
  readonly load: () => Promise<{ command: Command }>;
}

const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  start: {
    summary: "start the whole stack and run it until Ctrl-C",
    load: () => import("./start.ts"),
  },
  connectors: {
    summary: "run http-source, http-sink and graphite-sink connectors from their YAML files",
    load: () => import("./connectors.ts"),
  },
  sdf: {
    summary: "check, build, test and run dataflows",
    load: () => import("./sdf.ts"),
  },
  topics: { summary: "list, create and delete topics", load: () => import("./topics.ts") },
  produce: { summary: "send lines to a topic", load: () => import("./produce.ts") },
  consume: { summary: "print the records of a topic", load: () => import("./consume.ts") },
  generate: {
    summary: "play the simulated game into topics or against the ingest API",
    load: () => import("./generate.ts"),
  },
  doctor: {
    summary: "look at what the stack needs and say what is missing",
    load: () => import("./doctor.ts"),
  },
};

const EXIT_USAGE = 2;
const HELP_WORDS = new Set(["help", "--help", "-h"]);

/** Runs a command line. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const asksForHelp = args.some((arg) => arg === "--help" || arg === "-h") || args[0] === "help";
  const name = args.find((arg) => !HELP_WORDS.has(arg));
  if (name === undefined) {
    console.log(overview());
    return 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    console.error(`arenaflow: there is no command ${name}.\n\n${overview()}`);
    return EXIT_USAGE;
  }
  const { command } = await entry.load();
  if (asksForHelp) {
    console.log(command.help);
    return 0;
  }
  return await runCommand(name, command, args.slice(1));
}

async function runCommand(name: string, command: Command, args: string[]): Promise<number> {
  try {
    return await command.run(args);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`arenaflow ${name}: ${error.message}\nMore: arenaflow ${name} --help`);
      return EXIT_USAGE;
    }
    console.error(`arenaflow ${name}: ${describeError(error)}`);
    return 1;
  }
}

function overview(): string {
  const names = Object.keys(COMMANDS);
  const width = Math.max(...names.map((name) => name.length));
  const list = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
  );
  return [
    "arenaflow: real-time game analytics on this machine",
    "",
    "Usage: arenaflow <command> [options]",
    "",
    ...list,
    "",
    "Options of a command: arenaflow <command> --help",
  ].join("\n");
}
