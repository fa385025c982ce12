"""The two endpoints as a Django team would write them: async views, the ORM, the default middleware."""
