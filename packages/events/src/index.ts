export { checkEvent, EDGE_FIELDS, type JsonObject } from "./check-event.ts";
export {
  EVENT_FIELDS,
  expectedOf,
  PLAYER_EVENT_TYPES,
  TIME_FIELD,
  TRANSACTION_TYPES,
  type Field,
  type FieldKind,
} from "./fields.ts";
export {
  INSIGHT_GROUP,
  insightKey,
  LOCAL_TITLE,
  titleOf,
  type DataflowGraph,
  type DayCohort,
  type Disconnects,
  type FeedAck,
  type FraudFlag,
  type GraphEdge,
  type GraphNode,
  type GraphOperator,
  type InsightByTopic,
  type ItemSales,
  type LevelActivity,
  type LevelRetention,
  type LiveMessage,
  type PipelineStats,
  type PlayerMovement,
  type PopularItem,
  type PlayerTombstone,
  type RaisedFlag,
  type Revenue,
  type ServerHealth,
  type SessionShare,
  type SessionStats,
  type SpenderTier,
  type Window,
} from "./insights.ts";
export { describeValue, ISSUE_CODES, type Issue, type IssueCode } from "./issue.ts";
export { LIMITS } from "./limits.ts";
export { LOCAL_GAME } from "./local-game.ts";
export { isPlainEvent } from "./plain-event.ts";
export { stampEvent, type Arrival } from "./stamp-event.ts";
export { parseTime, resolveEventTime, type Clock, type EventTime } from "./time.ts";
export {
  EVENT_TOPICS,
  FEED_ACKS_TOPIC,
  FEED_TOPICS,
  INSIGHT_TOPICS,
  isEventTopic,
  isFeedTopic,
  isInsightTopic,
  TOMBSTONES_TOPIC,
  TOPICS,
  type EventTopic,
  type FeedTopic,
  type InsightTopic,
  type Topic,
} from "./topics.ts";
