ALTER TABLE "runs" ADD COLUMN "autoattack_samples" integer;--> statement-breakpoint
ALTER TABLE "standings" ADD COLUMN "autoattack_samples" integer;