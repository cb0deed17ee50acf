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
CREATE UNIQUE INDEX "queue_leases_job_id_index" ON "queue_leases" USING btree ("job_id") WHERE ended_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "queue_leases_runner_id_index" ON "queue_leases" USING btree ("runner_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "queue_leases_expires_at_index" ON "queue_leases" USING btree ("expires_at") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "queue_leases_job_id_id_index" ON "queue_leases" USING btree ("job_id","id");--> statement-breakpoint
CREATE INDEX "queue_leases_ended_at_index" ON "queue_leases" USING btree ("ended_at");--> statement-breakpoint
CREATE INDEX "queue_logs_job_id_id_index" ON "queue_logs" USING btree ("job_id","id");