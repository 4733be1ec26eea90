/** The `arenaflow` command: finds the subcommand, runs it, explains what was not understood. */
import { describeError } from "../log.ts";
import { UsageError, type Command } from "./command.ts";
import { connectorsCommand } from "./connectors.ts";
import { consumeCommand } from "./consume.ts";
import { doctorCommand } from "./doctor.ts";
import { produceCommand } from "./produce.ts";
import { startCommand } from "./start.ts";
import { topicsCommand } from "./topics.ts";

const COMMANDS: readonly Command[] = [
  startCommand,
  connectorsCommand,
  topicsCommand,
  produceCommand,
  consumeCommand,
  doctorCommand,
];

const EXIT_USAGE = 2;

/** Runs a command line. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    const about = COMMANDS.find((command) => command.name === rest[0]);
    console.log(about?.help ?? overview());
    return 0;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) {
    console.error(`arenaflow: there is no command ${name}.\n\n${overview()}`);
    return EXIT_USAGE;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    console.log(command.help);
    return 0;
  }
  try {
    return await command.run(rest);
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
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const list = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
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
