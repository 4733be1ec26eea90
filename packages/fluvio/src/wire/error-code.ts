/**
 * ErrorCode: i16 code, then the fields of that code.
 * The fields matter: an error of unknown shape makes the rest of its message unreadable.
 */
import type { Reader } from "./reader.ts";
import { WireError } from "./wire-error.ts";
import type { Writer } from "./writer.ts";

export const ERROR = {
  Unknown: -1,
  None: 0,
  OffsetOutOfRange: 1,
  Other: 2,
  NotLeader: 6,
  RequestTimedOut: 7,
  MessageTooLarge: 10,
  PermissionDenied: 13,
  StorageError: 56,
  InvalidCreateRequest: 60,
  InvalidDeleteRequest: 61,
  OffsetEvicted: 71,
  PartitionFull: 72,
  PartitionShortCircuited: 73,
  SpuError: 1000,
  SpuRegistrationFailed: 1001,
  SpuOffline: 1002,
  SpuNotFound: 1003,
  SpuAlreadyExists: 1004,
  TopicError: 2000,
  TopicNotFound: 2001,
  TopicAlreadyExists: 2002,
  TopicPendingInitialization: 2003,
  TopicInvalidConfig: 2004,
  TopicNotProvisioned: 2005,
  TopicInvalidName: 2006,
  TopicDeleted: 2007,
  TopicInvalidReplicaType: 2008,
  PartitionPendingInitialization: 3000,
  PartitionNotLeader: 3001,
  FetchSessionNotFound: 3002,
  OffsetFlushRequestError: 3003,
  OffsetManagementDisabled: 3004,
  MaxRetryReached: 3005,
  ManagedConnectorError: 5000,
  ManagedConnectorNotFound: 5001,
  ManagedConnectorAlreadyExists: 5002,
  SmartModuleError: 6000,
  SmartModuleNotFound: 6001,
  SmartModuleInvalid: 6002,
  SmartModuleInvalidExports: 6003,
  SmartModuleChainInitError: 6005,
  SmartModuleLookBackError: 6007,
  SmartModuleMemoryLimitExceeded: 6008,
  TableFormatError: 7000,
  TableFormatNotFound: 7001,
  TableFormatAlreadyExists: 7002,
  DerivedStreamObjectError: 8000,
  DerivedStreamNotFound: 8001,
  DerivedStreamJoinFetchError: 8002,
  DerivedStreamInvalid: 8003,
  CompressionError: 9000,
  DeduplicationSmartModuleNotLoaded: 10000,
  DeduplicationSmartModuleNameInvalid: 10001,
  MirrorNotFound: 11001,
  MirrorAlreadyExists: 11002,
  MirrorProduceFromHome: 11003,
  MirrorDeleteFromRemote: 11004,
  MirrorInvalidType: 11005,
  MirrorProduceFromRemoteNotAllowed: 11006,
  SystemSpecDeletion: 12001,
  SystemSpecUpdating: 12002,
} as const;

export type ErrorName = keyof typeof ERROR;

type FieldType = "string" | "optionString" | "i64" | "u64" | "u32" | "u8";
export type ErrorField = string | number | null;

export interface ErrorCode {
  readonly name: ErrorName;
  readonly fields: readonly ErrorField[];
}

export const NO_ERROR: ErrorCode = { name: "None", fields: [] };

/** Codes that carry fields; all others carry none. */
const FIELDS: { readonly [Name in ErrorName]?: readonly FieldType[] } = {
  Other: ["string"],
  RequestTimedOut: ["u64", "u8"],
  OffsetEvicted: ["i64", "i64"],
  PartitionFull: ["string", "u32"],
  OffsetFlushRequestError: ["string"],
  SmartModuleNotFound: ["string"],
  SmartModuleInvalid: ["string", "optionString"],
  SmartModuleInvalidExports: ["string", "string"],
  SmartModuleChainInitError: ["string"],
  SmartModuleLookBackError: ["string"],
  SmartModuleMemoryLimitExceeded: ["u64", "u64"],
  DerivedStreamNotFound: ["string"],
  DerivedStreamInvalid: ["string"],
  DeduplicationSmartModuleNameInvalid: ["string"],
  SystemSpecDeletion: ["string", "string"],
  SystemSpecUpdating: ["string", "string"],
};

const NAME_BY_CODE: ReadonlyMap<number, ErrorName> = new Map(
  (Object.keys(ERROR) as ErrorName[]).map((name) => [ERROR[name], name]),
);

/** An error code with its fields in wire order. */
export function errorCode(name: ErrorName, ...fields: ErrorField[]): ErrorCode {
  return { name, fields };
}

export function encodeErrorCode(writer: Writer, error: ErrorCode): void {
  writer.i16(ERROR[error.name]);
  const types = FIELDS[error.name];
  if (types === undefined) return;
  for (const [index, type] of types.entries()) {
    encodeField(writer, type, error.fields[index] ?? null);
  }
}

export function decodeErrorCode(reader: Reader): ErrorCode {
  const code = reader.i16();
  if (code === 0) return NO_ERROR;
  const name = NAME_BY_CODE.get(code);
  if (name === undefined) throw new WireError("unsupported", `error code ${code} is not known`);
  const types = FIELDS[name] ?? [];
  return { name, fields: types.map((type) => decodeField(reader, type)) };
}

/** The code in words, with its fields. */
export function describeError(error: ErrorCode): string {
  return error.fields.length === 0 ? error.name : `${error.name} (${error.fields.join(", ")})`;
}

function encodeField(writer: Writer, type: FieldType, value: ErrorField): void {
  switch (type) {
    case "string":
      return writer.string(String(value ?? ""));
    case "optionString":
      return writer.option(value, (text) => writer.string(String(text)));
    case "i64":
      return writer.i64(Number(value));
    case "u64":
      return writer.u64(Number(value));
    case "u32":
      return writer.u32(Number(value));
    case "u8":
      return writer.u8(Number(value));
  }
}

function decodeField(reader: Reader, type: FieldType): ErrorField {
  switch (type) {
    case "string":
      return reader.string();
    case "optionString":
      return reader.option(() => reader.string());
    case "i64":
      return reader.i64();
    case "u64":
      return reader.u64();
    case "u32":
      return reader.u32();
    case "u8":
      return reader.u8();
  }
}
