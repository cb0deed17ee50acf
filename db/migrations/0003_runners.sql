CREATE TABLE "queue_leases" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "queue_leases_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"job_id" uuid NOT NULL,
	"runner_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"seconds" integer NOT NULL,
	"leased_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"done" integer,
	"total" integer,
	"stage" text,
	"ended_at" timestamp with time zone,
	"outcome" text,
	"code" text,
	"message" text
);
--> statement-breakpoint
CREATE TABLE "queue_logs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "queue_logs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"job_id" uuid NOT NULL,
	"text" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "runners" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"owner_id" text,
	"local" boolean DEFAULT false NOT NULL,
	"name" text NOT NULL,
	"public_key" text NOT NULL,
	"backend" text NOT NULL,
	"device" text NOT NULL,
	"architecture" text,
	"engine" text NOT NULL,
	"versions" jsonb NOT NULL,
	"approved_at" timestamp with time zone,
	"approved_by" text,
	"revoked_at" timestamp with time zone,
	"revoked_reason" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "runners_publicKey_unique" UNIQUE("public_key")
);
--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "runner_id" uuid;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "signature" text;--> statement-breakpoint
ALTER TABLE "runners" ADD CONSTRAINT "runners_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runners" ADD CONSTRAINT "runners_approved_by_users_id_fk" FOREIGN KEY ("approved_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "queue_leases_job_id_index" ON "queue_leases" USING btree ("job_id") WHERE ended_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "queue_leases_runner_id_index" ON "queue_leases" USING btree ("runner_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "queue_leases_expires_at_index" ON "queue_leases" USING btree ("expires_at") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "queue_leases_job_id_id_index" ON "queue_leases" USING btree ("job_id","id");--> statement-breakpoint
CREATE INDEX "queue_leases_ended_at_index" ON "queue_leases" USING btree ("ended_at");--> statement-breakpoint
CREATE INDEX "queue_logs_job_id_id_index" ON "queue_logs" USING btree ("job_id","id");--> statement-breakpoint
CREATE INDEX "runners_owner_id_index" ON "runners" USING btree ("owner_id");--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_runner_id_runners_id_fk" FOREIGN KEY ("runner_id") REFERENCES "public"."runners"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "runs_runner_id_index" ON "runs" USING btree ("runner_id");