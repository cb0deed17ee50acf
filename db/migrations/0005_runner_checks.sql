CREATE TABLE "runner_checks" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"runner_id" uuid NOT NULL,
	"model" text NOT NULL,
	"board" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"outcome" text,
	"details" jsonb,
	"message" text,
	"report" text,
	"signature" text
);
--> statement-breakpoint
ALTER TABLE "runner_checks" ADD CONSTRAINT "runner_checks_runner_id_runners_id_fk" FOREIGN KEY ("runner_id") REFERENCES "public"."runners"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "runner_checks_running" ON "runner_checks" USING btree ("runner_id") WHERE "runner_checks"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "runner_checks_runner_id_model_ended_at_index" ON "runner_checks" USING btree ("runner_id","model","ended_at");--> statement-breakpoint
CREATE INDEX "runner_checks_ended_at_index" ON "runner_checks" USING btree ("ended_at");