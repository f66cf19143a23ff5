"""Articles of an OA's page: their files, and what stands of them on which OA."""
