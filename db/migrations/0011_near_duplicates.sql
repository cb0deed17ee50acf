CREATE TABLE "weight_sketches" (
	"version_id" uuid PRIMARY KEY NOT NULL,
	"shapes" text NOT NULL,
	"sketch" "bytea" NOT NULL,
	"near_version_id" uuid,
	"cosine" double precision
);
--> statement-breakpoint
ALTER TABLE "weight_sketches" ADD CONSTRAINT "weight_sketches_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."versions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "weight_sketches" ADD CONSTRAINT "weight_sketches_near_version_id_versions_id_fk" FOREIGN KEY ("near_version_id") REFERENCES "public"."versions"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "weight_sketches_shapes_index" ON "weight_sketches" USING btree ("shapes");--> statement-breakpoint
CREATE INDEX "weight_sketches_near_version_id_index" ON "weight_sketches" USING btree ("near_version_id");