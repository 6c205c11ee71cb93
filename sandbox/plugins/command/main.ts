import { serve } from "../bridge/serve.ts";
import { commandService } from "./service.ts";

// The engine gives its address as the only argument: what commands print goes there.
await serve(commandService(process.argv[2]));
