export { actionRoutes } from './action-routes.js';
export { actionStore } from './action-store.js';
export { ACTION_CRASH_POINTS, ActionsService } from './actions-service.js';
export { businessTools, type BusinessToolNeeds } from './builtin/business.js';
export { calculateTool } from './builtin/calculate.js';
export { catalogueTools } from './builtin/catalogue.js';
export { contactTools } from './builtin/contacts.js';
export { convertUnitsTool } from './builtin/convert-units.js';
export { currentTimeTool } from './builtin/current-time.js';
export { dateMathTool } from './builtin/date-math.js';
export { followUpTools, type OwnFollowUps } from './builtin/follow-ups.js';
export { openingHoursTool } from './builtin/opening-hours.js';
export { tableTools, type TableDesk } from './builtin/tables.js';
export { teamTools, type TeamToolNeeds } from './builtin/team.js';
export { createSearchKnowledgeTool } from './builtin/search-knowledge.js';
export { appointmentRoutes } from './calendar/appointment-routes.js';
export { appointmentStore } from './calendar/appointment-store.js';
export { appointmentTools } from './calendar/appointment-tools.js';
export { customToolRoutes } from './custom/custom-tool-routes.js';
export { customToolStore } from './custom/custom-tool-store.js';
export { CustomTools } from './custom/custom-tools.js';
export { headerVault } from './custom/sealed-headers.js';
export { mcpRoutes } from './mcp/mcp-routes.js';
export { McpServers } from './mcp/mcp-servers.js';
export {
  executeToolCall,
  LONGEST_RESULT_BYTES,
  type ToolExecution,
  type ToolOutcome,
} from './execute-tool-call.js';
export { createToolbox, createToolRegistry, type Toolbox, type ToolRegistry } from './registry.js';
export { toolRoutes } from './tool-routes.js';
export { createToolRunner } from './tool-runner.js';
export { toolSettingsStore } from './tool-settings-store.js';
