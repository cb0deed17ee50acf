CREATE TABLE "spot_checks" (
	"run_id" uuid PRIMARY KEY NOT NULL,
	"robust" integer NOT NULL,
	"order" jsonb NOT NULL,
	"stage" integer DEFAULT 1 NOT NULL,
	"attacked" integer DEFAULT 0 NOT NULL,
	"broken" integer DEFAULT 0 NOT NULL,
	"verdict" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "spot_results" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"run_id" uuid NOT NULL,
	"stage" integer NOT NULL,
	"runner_id" uuid,
	"signature" text NOT NULL,
	"result" text NOT NULL,
	"broken" integer NOT NULL,
	"file_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp with time zone,
	"revoked_reason" text
);
--> statement-breakpoint
ALTER TABLE "spot_checks" ADD CONSTRAINT "spot_checks_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "spot_results" ADD CONSTRAINT "spot_results_run_id_spot_checks_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."spot_checks"("run_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "spot_results" ADD CONSTRAINT "spot_results_runner_id_runners_id_fk" FOREIGN KEY ("runner_id") REFERENCES "public"."runners"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "spot_results" ADD CONSTRAINT "spot_results_file_id_witness_files_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."witness_files"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "spot_results_stage" ON "spot_results" USING btree ("run_id","stage") WHERE "spot_results"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX "spot_results_runner_id_index" ON "spot_results" USING btree ("runner_id");