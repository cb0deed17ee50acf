CREATE TABLE "witness_files" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"version_id" uuid NOT NULL,
	"board" text NOT NULL,
	"protocol" text NOT NULL,
	"account_id" text,
	"sha256" text NOT NULL,
	"bytes" integer NOT NULL,
	"split" text NOT NULL,
	"data_sha256" text NOT NULL,
	"indices" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "witness_files_versionId_board_protocol_sha256_unique" UNIQUE("version_id","board","protocol","sha256")
);
--> statement-breakpoint
CREATE TABLE "witness_outcomes" (
	"verdict_id" uuid NOT NULL,
	"index" integer NOT NULL,
	"outcome" text NOT NULL,
	"first" boolean NOT NULL,
	"lead" double precision NOT NULL,
	"predicted" integer NOT NULL,
	CONSTRAINT "witness_outcomes_verdict_id_index_pk" PRIMARY KEY("verdict_id","index")
);
--> statement-breakpoint
CREATE TABLE "witness_verdicts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"file_id" uuid NOT NULL,
	"runner_id" uuid,
	"signature" text NOT NULL,
	"verdict" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp with time zone,
	"revoked_reason" text
);
--> statement-breakpoint
ALTER TABLE "witness_files" ADD CONSTRAINT "witness_files_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."versions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "witness_files" ADD CONSTRAINT "witness_files_account_id_users_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "witness_outcomes" ADD CONSTRAINT "witness_outcomes_verdict_id_witness_verdicts_id_fk" FOREIGN KEY ("verdict_id") REFERENCES "public"."witness_verdicts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "witness_verdicts" ADD CONSTRAINT "witness_verdicts_file_id_witness_files_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."witness_files"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "witness_verdicts" ADD CONSTRAINT "witness_verdicts_runner_id_runners_id_fk" FOREIGN KEY ("runner_id") REFERENCES "public"."runners"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "witness_files_account_id_index" ON "witness_files" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "witness_files_sha256_index" ON "witness_files" USING btree ("sha256");--> statement-breakpoint
CREATE UNIQUE INDEX "witness_verdicts_file" ON "witness_verdicts" USING btree ("file_id") WHERE "witness_verdicts"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX "witness_verdicts_file_id_index" ON "witness_verdicts" USING btree ("file_id");--> statement-breakpoint
CREATE INDEX "witness_verdicts_runner_id_index" ON "witness_verdicts" USING btree ("runner_id");