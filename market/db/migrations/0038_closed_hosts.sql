-- A host that has left: nobody acts for it any more, its bank details are erased, what it earned stays in the books.
ALTER TABLE organisation ADD COLUMN closed_at {{instant}};
